"""What a run over a website found, in the owner's words."""

from sqlalchemy import func, select

from app.extensions import db
from app.knowledge.models import Source, WebPage
from app.knowledge.website.frontier import stops
from app.knowledge.websites import Tally
from app.lib.marking import kept

STAYS = kept("What was read before goes on answering.")


def why_nothing(source_id: int) -> str:
    """The commonest reason of all pages."""
    query = (
        select(WebPage.message)
        .where(WebPage.source_id == source_id, WebPage.message.is_not(None))
        .group_by(WebPage.message)
        .order_by(func.count().desc())
        .limit(1)
    )
    reason = db.session.scalar(query)
    return kept(
        "No page of this website could be read. %(reason)s",
        reason=reason or kept("It has no pages with text."),
    )


def notice(source: Source, tally: Tally) -> str | None:
    said = []
    if tally.waiting:
        said.append(
            kept(
                "Stopped at %(page_limit)s pages: %(waiting)s more were found. Raise the limit to read them.",
                page_limit=f"{source.page_limit:,}",
                waiting=f"{tally.waiting:,}",
            )
        )
    found = select(WebPage.url, WebPage.depth).where(WebPage.source_id == source.id)
    said += stops(db.session.execute(found.order_by(WebPage.id)).tuples())
    if tally.problems:
        said.append(
            kept(
                "%(problems)s addresses were left out; the list says why.",
                problems=f"{tally.problems:,}",
            )
        )
    return "\n".join(said) or None


def alert(source: Source, tally: Tally) -> str | None:
    """What needs the owner after this run; most runs need nobody."""
    if source.status == "held":
        return kept("The website has changed so that an answer you checked would turn wrong.")
    if tally.gone > tally.read:
        return kept(
            "%(gone)s pages of the website are gone. Has it moved to another address?",
            gone=f"{tally.gone:,}",
        )
    if tally.failed > tally.read:
        return kept(
            "%(failed)s pages of the website couldn’t be read. %(stays)s",
            failed=f"{tally.failed:,}",
            stays=STAYS,
        )
    return None
