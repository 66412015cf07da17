"""What WhatsApp takes of a template, rule by rule."""

from dataclasses import replace

import pytest

from app.channels.message_templates.drafts import Button, Draft, name_of, title_of
from app.channels.message_templates.limits import problems, value_problem

REPLY, CALL = Button("QUICK_REPLY", "Yes"), Button("PHONE_NUMBER", "Call", "+442079460018")
LINK = Button("URL", "Open", "https://shop.example/orders/{{1}}", "https://shop.example/orders/7")
CODE = Button("COPY_CODE", value="SAVE10")
GOOD = Draft(
    name="order_ready",
    category="UTILITY",
    language="en_GB",
    header_kind="TEXT",
    header_text="Order {{number}}",
    body="Hello {{first_name}}, your order {{number}} is ready and waits for you at the counter.",
    footer="Reply STOP to hear no more",
    buttons=(REPLY, LINK, CALL, CODE),
    examples={"first_name": "Anna", "number": "4711"},
)


def fields(draft: Draft) -> list[str]:
    return [problem.field for problem in problems(draft)]


def test_a_good_one_has_no_problem():
    assert problems(GOOD) == []


def but(**changed: object) -> Draft:
    return replace(GOOD, **changed)  # type: ignore[arg-type]


def with_body(body: str, **examples: str) -> Draft:
    return but(header_kind="", header_text="", body=body, examples=examples)


@pytest.mark.parametrize(
    ("draft", "field", "says"),
    [
        (but(name="Order ready"), "title", "title"),
        (but(name=""), "title", "title"),
        (but(name="a" * 513), "title", "title"),
        (but(category="AUTHENTICATION"), "category", "what it is for"),
        (but(language="tlh"), "language", "languages"),
        (but(header_kind="LOCATION"), "header_kind", "one of these"),
        (but(header_text=" "), "header_text", "None"),
        (but(header_text="x" * 61), "header_text", "too long by 1"),
        (but(header_text="{{first_name}} and {{number}}"), "header_text", "one variable"),
        (but(header_text="Ready\nnow"), "header_text", "one line"),
        (but(header_text="Ready 🎉"), "header_text", "emoji"),
        (but(header_text="*Ready*"), "header_text", "emoji"),
        (but(header_text="{{First}}"), "header_text", "no variable"),
        (but(header_kind="IMAGE"), "header_file", "file"),
        (but(body="  "), "body", "Write"),
        (but(body="x" * 1025), "body", "too long by 1"),
        (with_body("{{a}} is your number at our shop", a="7"), "body", "begin"),
        (with_body("The number at our shop is {{a}}.", a="7"), "body", "end with"),
        (with_body("Hello {{a}} {{b}}, welcome to our shop today", a="7", b="8"), "body", "between"),
        (with_body("Hi {{a}} and {{b}}, you", a="1", b="2"), "body", "Too many variables"),
        (with_body("Hello {{First Name}}, welcome to our shop"), "body", "{{First Name}}"),
        (with_body("Hello {{, welcome to our shop"), "body", "no variable"),
        (with_body("Hello {{1}}, welcome to our shop", **{"1": "x"}), "body", "a name"),
        (but(footer="x" * 61), "footer", "too long"),
        (but(footer="For {{name}}"), "footer", "variables"),
        (but(footer="One\ntwo"), "footer", "one line"),
        (but(buttons=tuple(Button("QUICK_REPLY", str(n)) for n in range(11))), "buttons", "10"),
        (but(buttons=(LINK, replace(LINK, text="2"), replace(LINK, text="3"))), "buttons", "Two links"),
        (but(buttons=(CALL, replace(CALL, text="2"))), "buttons", "One button that calls"),
        (but(buttons=(CODE, CODE)), "buttons", "One button with a code"),
        (but(buttons=(REPLY, CALL, Button("QUICK_REPLY", "No"))), "buttons", "together"),
        (but(buttons=(REPLY, Button("QUICK_REPLY", "yes "))), "buttons-1-text", "same"),
        (but(buttons=(Button("QUICK_REPLY", " "),)), "buttons-0-text", "stands on"),
        (but(buttons=(Button("QUICK_REPLY", "x" * 26),)), "buttons-0-text", "too long"),
        (but(buttons=(Button("QUICK_REPLY", "{{a}}"),)), "buttons-0-text", "without variables"),
        (but(buttons=(Button("FLOW", "Go"),)), "buttons-0-kind", "one of these"),
        (but(buttons=(replace(LINK, value="shop.example"),)), "buttons-0-value", "web address"),
        (but(buttons=(replace(LINK, value="https://x.example/{{1}}/y"),)), "buttons-0-value", "end"),
        (but(buttons=(replace(LINK, value="https://x.example/{{a}}"),)), "buttons-0-value", "end"),
        (but(buttons=(replace(LINK, value="https://x.example/" + "x" * 2000),)), "buttons-0-value", "too long"),
        (but(buttons=(replace(LINK, example=""),)), "buttons-0-example", "whole address"),
        (but(buttons=(replace(LINK, example="https://other.example/7"),)), "buttons-0-example", "whole"),
        (but(buttons=(replace(CALL, value="020 7946"),)), "buttons-0-value", "country code"),
        (but(buttons=(replace(CODE, value="SAVE 10"),)), "buttons-0-value", "letters and figures"),
        (but(buttons=(replace(CODE, value="X" * 16),)), "buttons-0-value", "15"),
        (but(examples={"first_name": "Anna"}), "variables-0-example", "example"),
        (but(fallbacks={"first_name": "two\nlines"}), "variables-1-fallback", "one line"),
    ],
)  # fmt: skip
def test_what_is_refused(draft, field, says):
    found = [problem for problem in problems(draft) if problem.field == field]
    assert found, problems(draft)
    assert any(says in problem.words for problem in found), found


def test_numbered_variables_have_no_gap():
    numbered = replace(
        with_body("Hello {{1}}, your table for {{3}} is ready for you now", **{"1": "a", "3": "b"}),
        parameter_format="positional",
    )
    assert [problem.words for problem in problems(numbered)] == [
        "Number the variables from 1, without a gap."
    ]


@pytest.mark.parametrize(
    ("value", "is_fine"),
    [("Anna", True), ("four    spaces", True), ("five     spaces", False), ("two\nlines", False),
     ("a\ttab", False), (" ", False), ("x" * 1025, False)],
)  # fmt: skip
def test_values_in_the_place_of_variables(value, is_fine):
    assert (value_problem(value) is None) is is_fine


@pytest.mark.parametrize(
    ("title", "name"),
    [("Appointment reminder", "appointment_reminder"), ("  Über 50 % – heiß! ", "uber_50_heiss"),
     ("予約", ""), ("x" * 600, "x" * 512)],
)  # fmt: skip
def test_a_title_becomes_a_name(title, name):
    assert name_of(title) == name


def test_a_name_reads_as_a_title():
    assert title_of("appointment_reminder") == "Appointment reminder"
