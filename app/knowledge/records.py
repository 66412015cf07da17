"""The business's own records as knowledge: kept current in the transaction that changes them.

A domain calls keep() from the service that changes its record and forget() where it is taken away. There
is nothing to synchronise by hand, and a source from here can't be edited or deleted among the sources.
"""

from collections.abc import Sequence

from sqlalchemy import select, update

from app.extensions import db
from app.knowledge import services
from app.knowledge.blocks import Block
from app.knowledge.models import Document, Source


def keep(
    origin: str, title: str, said: Sequence[Block] | str, *, url: str | None = None
) -> Source | None:
    """What the record says now, under its `origin` ("hours", "service:12"); `url` is where customers find
    it. The same words again change nothing; of others only the passages that changed are embedded again,
    and the old ones answer until then. Nothing to say is forget()."""
    blocks = [Block("paragraph", said)] if isinstance(said, str) else list(said)
    blocks = [block for block in blocks if block.text.strip()]
    if not blocks:
        forget(origin)
        return None
    record = {"blocks": [block.as_dict() for block in blocks], "url": url}
    source = _locked(origin)
    if source is None:
        source = Source(kind="hours" if origin == "hours" else "record", origin=origin)
        db.session.add(source)
    elif source.record == record and source.name == title:
        return source
    source.name, source.record = title, record
    if source.id is not None:
        found = update(Document).where(Document.source_id == source.id)
        db.session.execute(found.values(url=url))
    return services.ask_to_read(source)


def forget(origin: str) -> None:
    """Answers stop quoting it at once. Safe to call twice."""
    source = _locked(origin)
    if source is not None:
        services.remove(source)


def _locked(origin: str) -> Source | None:
    """Two changes of one record at once: the second waits, then sees the first."""
    services.one_at_a_time(origin)
    query = select(Source).where(Source.origin == origin)
    return db.session.scalar(query.execution_options(populate_existing=True))
