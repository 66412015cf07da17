"""What a provider tells by itself of a channel, and what its owner then reads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.channels import checks, notices
from app.channels.border import Notice
from app.channels.models import Channel, new_public_key
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.conftest import Cast, Inside

Tell = Callable[..., None]


@pytest.fixture
def two(inside: Inside, cast: Cast) -> list[int]:
    """Numbers of one account."""
    made = []
    with inside():
        for number in ("+442079460018", "+442079460019"):
            channel = Channel(
                kind="whatsapp", name=f"WhatsApp {number}", external_id=number,
                public_key=new_public_key(cast.business_id),
                settings={"waba_id": "77", "display_number": number, "tier": "TIER_250"},
            )  # fmt: skip
            db.session.add(channel)
            db.session.flush()
            made.append(channel.id)
    return made


@pytest.fixture
def tell(inside: Inside, two: list[int]) -> Tell:
    def telling(kind: str, **about: Any) -> None:
        with inside():
            channel = Channel.by_id(two[0])
            assert channel is not None
            notices.note(channel, Notice(kind, {"account": "77", **about}, now()))

    return telling


@pytest.fixture
def found(inside: Inside, two: list[int]) -> Callable[[], list[tuple[str, str]]]:
    """State and words of each of the first number's findings."""

    def finding() -> list[tuple[str, str]]:
        with inside():
            return [(each["state"], each["words"]) for each in the(two[0]).health]

    return finding


def the(channel_id: int) -> Channel:
    return db.session.scalars(select(Channel).where(Channel.id == channel_id)).one()


@pytest.mark.parametrize(
    ("kind", "about", "state", "words"),
    [
        ("number_quality", {"event": "FLAGGED"}, "warn", "Meta has flagged it"),
        ("number_quality", {"event": "DOWNGRADE"}, "warn", "fewer people than before"),
        ("account", {"event": "ACCOUNT_RESTRICTION", "restriction_info": []}, "bad", "restricted"),
        (
            "account",
            {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT_CONTENT"}},
            "bad", "It is about: adult content.",
        ),
        (
            "alert",
            {"alert_info": {"alert_severity": "CRITICAL", "alert_description": "Pay up."}},
            "bad", "Meta says: Pay up.",
        ),
        ("alert", {"errors": [{"title": "Something odd"}]}, "warn", "Meta says: Something odd"),
        ("review", {"decision": "REJECTED"}, "bad", "refused"),
        ("security", {"event": "PIN_RESET_REQUEST"}, "warn", "asked Meta to remove the two-step PIN"),
    ],
)  # fmt: skip
def test_what_is_told_is_shown(
    tell: Tell, found: Callable[[], list[tuple[str, str]]], *, kind: str, about: dict[str, Any],
    state: str, words: str,
) -> None:  # fmt: skip
    tell(kind, **about)
    tell(kind, **about)
    ((told_state, told_words),) = found()
    assert told_state == state
    assert words in told_words


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("number_quality", {"event": "UNFLAGGED"}),
        ("account", {"event": "ACCOUNT_RECONNECTED"}),
        ("review", {"decision": "APPROVED"}),
        ("alert", {"alert_info": {"alert_severity": "INFORMATIONAL", "alert_description": "Hi."}}),
        ("alert", {"alert_info": "odd", "errors": "odd"}),
        ("account", {"event": None, "ban_info": 3}),
        ("unheard_of", {}),
    ],
)
def test_good_news_and_nonsense_leave_nothing(
    tell: Tell, found: Callable[[], list[tuple[str, str]]], kind: str, about: dict[str, Any]
) -> None:
    tell(kind, **about)
    assert found() == []


def test_it_is_over_when_the_opposite_is_told(
    tell: Tell, found: Callable[[], list[tuple[str, str]]]
) -> None:
    tell("number_quality", event="FLAGGED")
    tell("number_quality", event="UNFLAGGED")
    assert found() == []


@pytest.mark.parametrize("about", [
    {"max_daily_conversations_per_business": "TIER_2K"}, {"current_limit": "TIER_2K"},
])  # fmt: skip
def test_a_new_limit_holds_at_once(tell: Tell, inside: Inside, two: list[int], about: Any) -> None:
    tell("number_quality", event="UPGRADE", display_phone_number="44 20 7946 0018", **about)
    with inside():
        assert [the(each).settings["tier"] for each in two] == ["TIER_2K", "TIER_250"]
    tell("capability", max_daily_conversations_per_business="TIER_10K")
    with inside():
        assert [the(each).settings["tier"] for each in two] == ["TIER_10K", "TIER_10K"]


@pytest.mark.parametrize(
    "about",
    [
        {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
        {"event": "PARTNER_REMOVED"},
        {"event": "ACCOUNT_DELETED"},
    ],
)
def test_an_account_that_is_gone_breaks_all_of_its_numbers(
    tell: Tell, inside: Inside, two: list[int], cast: Cast, about: dict[str, Any]
) -> None:
    tell("account", **about)
    with inside():
        assert [the(each).state for each in two] == ["broken", "broken"]
        mails = db.session.scalars(select(OutboxJob).where(OutboxJob.name == "core.mail"))
        assert len([job for job in mails if job.args[1] == cast.owner.email]) == 2
        asked = db.session.scalars(select(OutboxJob.key).where(OutboxJob.name == "channels.check"))
        assert {f"check-{each}" for each in two} <= set(asked)


def test_one_that_is_off_is_left_alone(tell: Tell, inside: Inside, two: list[int]) -> None:
    with inside():
        the(two[1]).state = "off"
    tell("account", event="ACCOUNT_DELETED")
    with inside():
        assert [the(each).state for each in two] == ["broken", "off"]


def test_what_was_told_is_forgotten_after_a_week(
    inside: Inside, tell: Tell, two: list[int]
) -> None:
    tell("security", event="PIN_CHANGED")
    with inside():
        channel = the(two[0])
        assert len(checks.recent_notices(channel)) == 1
        (told,) = channel.health
        channel.health = [told | {"at": (now() - timedelta(days=8)).isoformat()}]
        assert checks.recent_notices(channel) == []
