"""What ratings do by themselves."""

from app.core.jobs import job
from app.ratings import asking


@job("ratings.ask", attempts=6)
def ask(event_id: int) -> None:
    asking.ask(event_id)
