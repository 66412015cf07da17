"""Anger is told from what only has its words, in five languages; what is unclear is not anger."""

import pytest

from app.lib.mood import is_angry, last_mood, mood_of

ANGRY = (
    "This is absolutely unacceptable!", "I'm furious, nobody called me", "I am so angry right now",
    "You people are useless", "WHERE IS MY ORDER, IT HAS NOT ARRIVED!!!", "fed up with waiting",
    "How dare you charge me twice", "You are a joke", "I’m fuming",
    "Estoy muy enfadada con vosotros", "¡Esto es una vergüenza!", "sois unos inútiles",
    "Estoy harto de esperar", "Es el peor servicio que he visto",
    "Das ist eine Frechheit!", "Ich bin stinksauer", "Das ist doch unverschämt", "Mir reicht’s jetzt",
    "Ihr seid echt unfähig",
    "C’est une honte", "Je suis très en colère", "J'en ai marre de vous", "Vous êtes nuls",
    "C'est vraiment inadmissible",
    "Isto é um absurdo!", "Estou furiosa", "Vocês são uns incompetentes", "Que falta de respeito",
    "O pior atendimento que já tive",
)  # fmt: skip
CALM = (
    "Do you have angry bird toys?", "I'm not angry, just curious", "Is this a scam?",
    "that's ridiculously cheap", "It's ridiculous how good these are", "Are you a joke shop?",
    "Are your roses useless in shade?", "My neighbour is furious about the hedge",
    "THANK YOU SO MUCH, THIS IS GREAT", "ORDER NUMBER ABC123DEF", "I am disappointed",
    "No estoy enfadado", "¿Cuál es el peor momento para plantar?", "hola, que vergüenza tengo",
    "Ich bin nicht sauer", "Ist die Sahne sauer?", "Das ist nicht unverschämt teuer",
    "Je ne suis pas en colère", "C'est un vol direct ?", "C'est combien la pire saison ?",
    "Não estou com raiva", "Qual é o pior mês para plantar?", "",
)  # fmt: skip


@pytest.mark.parametrize("text", ANGRY)
def test_anger_is_heard(text: str) -> None:
    assert is_angry(text)
    assert mood_of(text) == "angry"


@pytest.mark.parametrize("text", CALM)
def test_what_only_has_its_words_is_no_anger(text: str) -> None:
    assert not is_angry(text)


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("I'm disappointed with the quality", "unhappy"),
        ("My order never arrived", "unhappy"),
        ("No ha llegado mi pedido", "unhappy"),
        ("Meine Bestellung ist nicht angekommen", "unhappy"),
        ("Je suis déçu", "unhappy"),
        ("Não recebi o pedido", "unhappy"),
        ("thanks for nothing", "unhappy"),
        ("thanks, perfect!", "happy"),
        ("Gracias, perfecto", "happy"),
        ("sehr hilfreich, danke", "happy"),
        ("merci beaucoup", "happy"),
        ("muito obrigada!", "happy"),
        ("no thanks", "neutral"),
        ("Nein danke", "neutral"),
        ("Do you open on Sunday?", "neutral"),
        ("你们几点开门？", "neutral"),
    ],
)
def test_a_message_has_a_mood(text: str, mood: str) -> None:
    assert mood_of(text) == mood


def test_the_last_mood_shown_is_the_visitor_s() -> None:
    assert last_mood(["I'm furious!", "And when do you open?"]) == "angry"
    assert last_mood(["I'm furious!", "Ah, great, thank you"]) == "happy"
    assert last_mood(["When do you open?"]) == last_mood([]) == "neutral"
