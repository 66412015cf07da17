"""Whatever language is written: question and answer pass unharmed, and who wants a person gets one."""

import pytest

from app.assistant import small_talk
from app.core.unit_of_work import unit_of_work
from app.knowledge import services as knowledge
from tests.frontdesk.scripted.desk import Desk
from tests.standins.claude import Claude, calls, says, when

ASKED = {
    "es": ("¿Cuánto cuesta el envío a Ashcombe?", "El envío cuesta 4,95 £, los martes y viernes."),
    "de": ("Was kostet die Lieferung nach Ashcombe? Größe: „XL“", "Die Lieferung kostet 4,95 £."),
    "fr": ("Combien coûte la livraison à Ashcombe ?", "La livraison coûte 4,95 £ à l’adresse."),
    "pt": ("Quanto custa a entrega em Ashcombe?", "A entrega custa 4,95 £, às terças."),
    "hi": ("ऐशकोम्ब में डिलीवरी कितने की है? क्षमा करें", "डिलीवरी £4.95 की है।"),
    "ar": ("كم تكلفة التوصيل إلى أشكومب؟", "تكلفة التوصيل ٤٫٩٥ جنيه إسترليني."),
    "zh": ("送货到 Ashcombe 要多少钱？👩‍👩‍👧", "送货费 4.95 英镑。🌱"),
}
PERSON = {
    "en": ["Can I talk to a real person please?", "human please"],
    "es": ["Quiero hablar con una persona", "¿Puedo hablar con alguien, por favor?", "un agente humano"],
    "de": ["Ich möchte mit einem Menschen sprechen", "Kann ich mit jemandem reden?", "Bitte einen Mitarbeiter"],
    "fr": ["Je voudrais parler à quelqu’un", "parler à un humain", "Puis-je parler avec une vraie personne ?"],
    "pt": ["Quero falar com uma pessoa", "Posso falar com um atendente?", "falar com alguém"],
    "hi": ["मुझे किसी इंसान से बात करनी है", "किसी व्यक्ति से बात कराइए"],
    "ar": ["أريد التحدث مع شخص", "أريد أن أتكلم مع موظف"],
}  # fmt: skip
NO_PERSON = [
    "Can a person in a wheelchair get in?",
    "How much is it per person?",
    "¿Cuánto cuesta por persona?",
    "Was kostet es pro Person?",
    "Combien de personnes ?",
    "Quanto custa por pessoa?",
    "प्रति व्यक्ति कितना?",
    "كم السعر للشخص؟",
    "My daughter talks to the roses, is that good for them?",
]
GREETINGS = {
    "es": "¡Hola!", "de": "Guten Tag", "fr": "Bonjour", "pt": "Olá", "hi": "नमस्ते", "ar": "مرحبا",
}  # fmt: skip


@pytest.mark.parametrize("language", ASKED)
def test_question_and_answer_pass_unharmed(desk: Desk, claude: Claude, language: str) -> None:
    asked, answered = ASKED[language]
    claude.rules = [when(".", says(answered, holding="(Ashcombe)"))]
    with desk.cast.scope(), unit_of_work():
        knowledge.add_question(asked, "£4.95 (Ashcombe)", None)
    desk.run_jobs()
    desk.plays(f"""
        visitor: {asked}
        assistant: {answered} [1]
    """)
    assert claude.seen[-1].question == asked
    assert desk.lines() == [("visitor", asked), ("assistant", answered)]


@pytest.mark.parametrize("language", ASKED)
def test_a_tool_gets_the_words_as_they_were_said(desk: Desk, claude: Claude, language: str) -> None:
    asked, answered = ASKED[language]
    claude.rules = [
        when(".", calls("search_knowledge", query=asked)),
        when(".", says(answered), told=""),
    ]
    desk.says(asked)
    assert desk.uses[0].input == {"query": asked}
    assert desk.said() == [answered]


@pytest.mark.parametrize("language", PERSON)
def test_who_wants_a_person_gets_one_without_a_call(
    desk: Desk, claude: Claude, language: str
) -> None:
    words, *others = PERSON[language]
    desk.plays(f"""
        visitor: {words}
        event: person_asked
    """)
    assert claude.requests == []
    assert desk.hand_off.reason == "asked"
    assert desk.hand_off.summary["wanted"] == words
    assert [each for each in others if not small_talk.wants_person(each)] == []


@pytest.mark.parametrize("words", NO_PERSON)
def test_a_person_in_a_question_is_no_wish_for_one(words: str) -> None:
    assert not small_talk.wants_person(words)


@pytest.mark.parametrize(
    ("words", "agrees"),
    [
        ("Yes", True), ("yes please!", True), ("Sí, por favor", True), ("Ja, bitte", True), ("oui merci", False),
        ("نعم", True), ("ok 👍", True), ("yes but when do you open?", False), ("no", False), ("Jane", False),
    ],
)  # fmt: skip
def test_a_yes_is_nothing_but_a_yes(words: str, agrees: bool) -> None:
    assert small_talk.agrees(words) is agrees


@pytest.mark.parametrize("language", GREETINGS)
def test_a_greeting_comes_back_in_its_language(desk: Desk, claude: Claude, language: str) -> None:
    desk.says(GREETINGS[language])
    [greeting] = desk.said()
    assert "Hello" not in greeting
