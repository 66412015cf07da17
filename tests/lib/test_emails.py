"""One address is one spelling, and found whole in what was said."""

import pytest

from app.lib import emails


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna@Example.COM ", "anna@example.com"),
        ("o'brien+news@example.co.uk", "o'brien+news@example.co.uk"),
        ("anna@bücher.example.com", "anna@bücher.example.com"),
    ],
)
def test_an_address_has_one_spelling(typed, kept):
    assert emails.normal(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "anna", "anna@", "anna@localhost", "an na@example.com", "a" * 300 + "@example.com"],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(emails.NotEmail, match="no e-mail address"):
        emails.normal(typed)


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.com",
        "It's Anna@Example.com.",
        "write to <anna@example.com>, please",
        "mailto:anna@example.com",
        "‘anna@example.com’!",
        "我的邮箱是 anna@example.com",
    ],
)
def test_an_address_is_found_in_a_sentence(text):
    assert emails.is_said("anna@example.com", [text])


@pytest.mark.parametrize(
    "text",
    ["joanna@example.com", "anna@example.com.au", "anna at example.com", "my name is anna", ""],
)
def test_a_part_of_another_address_is_not_it(text):
    assert not emails.is_said("anna@example.com", [text])
