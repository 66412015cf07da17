"""Changing how a business hands over to its people."""

from app.assistant.models import AssistantSettings
from app.frontdesk import colleagues

LEAST_MINUTES, MOST_MINUTES = 7, 240  # the second e-mail goes out after six
MAX_TOPICS = 30
MAX_TOPIC = 80  # characters
PLACES = 5  # people who are named; two are mailed, the others stand in for them


def change(order: list[int], minutes: int, topics: list[str], out_of_hours: str) -> None:
    """The order that holds anyway is not kept: then it follows when people come and go."""
    usual = [user.id for user in colleagues.who_may_answer()]
    values = {
        "hand_off_order": [] if order == usual[:PLACES] else order,
        "hand_off_minutes": minutes,
        "hand_off_topics": topics,
        "out_of_hours": out_of_hours,
    }
    AssistantSettings.change(**values)


def topics_in(text: str) -> list[str]:
    """One a line, each once, in the order that they were typed."""
    lines = (" ".join(line.replace("\x00", "").split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))
