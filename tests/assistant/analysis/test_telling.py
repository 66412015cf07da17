"""What visitors want, by meaning in English and by words elsewhere; and whether they ask the same again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.assistant.analysis import again, telling
from app.assistant.analysis.intents import INTENTS, LABELS, NAMES
from app.core.db import now
from tests.conftest import Inside

# None of them is an example.
WANTS = [
    ("opening_hours", "what time do u open on sundays"),
    ("opening_hours", "are you open boxing day?"),
    ("prices", "how much is a cut and colour"),
    ("booking", "can i book a table for 4 on saturday"),
    ("change_booking", "cancel my booking please"),
    ("order", "my parcel has not turned up yet, where can it be"),
    ("returns", "my rose died after a year can i get my money back"),
    ("complaint", "I'm really disappointed with the haircut i got yesterday"),
    ("payment", "can i have a vat invoice"),
    ("directions", "where can i park"),
    ("contact", "whats ur phone no"),
    ("offering", "do you sell chainsaws"),
    ("advice", "when do i prune my hydrangea"),
    ("job", "any jobs going"),
    ("supplier", "we are a wholesaler of hair products and would love to supply you"),
    ("spam", "increase your website traffic with guaranteed backlinks"),
    ("person", "can i talk to someone real"),
    ("small_talk", "hello!"),
    ("small_talk", "perfect, thank you"),
    ("small_talk", "you are a funny one"),
    ("other", "what's the capital of France"),
    ("opening_hours", "Wann habt ihr heute geöffnet?"),
    ("opening_hours", "Vous êtes ouverts le lundi ?"),
    ("prices", "¿Cuánto cuesta un corte de pelo?"),
    ("booking", "Je voudrais prendre rendez-vous"),
    ("booking", "Quero marcar uma consulta"),
    ("change_booking", "Ich muss meinen Termin absagen"),
    ("order", "¿Dónde está mi pedido?"),
    ("returns", "Posso devolver isto?"),
    ("complaint", "Ich möchte mich beschweren"),
    ("payment", "¿Puedo pagar con tarjeta?"),
    ("directions", "Onde ficam vocês? Qual o endereço?"),
    ("job", "Vous recrutez ?"),
]


@pytest.fixture
def scope(inside: Inside) -> Iterator[None]:
    with inside():
        yield


@pytest.mark.usefixtures("scope")
def test_most_questions_are_told_right() -> None:
    told = telling.intents_of([text for _intent, text in WANTS])
    wrong = [
        (text, intent, got)
        for (intent, text), got in zip(WANTS, told, strict=True)
        if got != intent
    ]
    assert len(wrong) <= 3, wrong


@pytest.mark.usefixtures("scope")
def test_nothing_to_tell() -> None:
    assert telling.intents_of([]) == []
    assert set(telling.intents_of(["???", "…", "12345"])) <= set(NAMES)


def test_the_main_intent_says_something() -> None:
    assert telling.main_intent(["small_talk", "other", "prices", "booking", "booking"]) == "booking"
    assert telling.main_intent(["prices", "booking"]) == "prices"
    assert telling.main_intent(["other", "person"]) == "person"
    assert telling.main_intent(["small_talk", "other"]) == "other"
    assert telling.main_intent(["small_talk"]) == telling.main_intent([]) == "small_talk"


def test_every_intent_has_a_label_and_examples() -> None:
    assert len(LABELS) == len(INTENTS) + 2
    assert all(len(each.examples) >= 4 and each.label for each in INTENTS)


@pytest.mark.usefixtures("scope")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("When are you open?", "when do you open"),
        ("Do you deliver to Bath?", "I asked if you deliver to Bath"),
        ("When do you open on Sundays?", "sunday opening times please"),
        ("¿Cuánto cuesta el envío?", "cuanto cuesta el envio"),
    ],
)
def test_the_same_again(first: str, second: str) -> None:
    at = now()
    assert again.repeated([(first, at), (second, at + timedelta(minutes=3))]) == second


@pytest.mark.usefixtures("scope")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Do you deliver on Monday?", "Do you deliver on Tuesday?"),
        ("How much is a cut for women?", "How much is a cut for men?"),
        ("Do you sell roses?", "Do you sell tulips?"),
        ("When are you open?", "Are you open on Christmas?"),
        ("¿Abren el lunes?", "¿Abren el domingo?"),
        ("Habt ihr Rosen?", "Habt ihr Tulpen?"),
    ],
)
def test_a_question_beside_it_is_another(first: str, second: str) -> None:
    at = now()
    assert again.repeated([(first, at), (second, at + timedelta(minutes=3))]) is None


@pytest.mark.usefixtures("scope")
def test_the_same_another_day_is_no_complaint() -> None:
    at, text = now(), "When are you open?"
    assert again.repeated([(text, at), (text, at + timedelta(hours=25))]) is None
    assert again.repeated([(text, at)]) is again.repeated([]) is None
