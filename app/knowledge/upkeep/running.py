"""Looking after the knowledge: once a day while there is some, and whenever a member asks."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.businesses import hours
from app.core import realtime, tenancy, unit_of_work
from app.core.db import now
from app.extensions import db
from app.knowledge.models import Chunk, Finding, Source, Upkeep
from app.knowledge.upkeep import ageing, contradictions, duplicates, statements
from app.knowledge.upkeep.asking import EVERY, ask_within
from app.knowledge.upkeep.finding import Found


def run() -> None:
    """Look at everything that answers can quote, and keep what was found."""
    began = now()
    said, vectors, is_cut = statements.load()
    passages, are_cut = duplicates.load()
    unit_of_work.commit()  # no transaction is open while vectors are compared
    found = list(contradictions.find(said, vectors))
    found += duplicates.find(passages)
    found += ageing.find(hours.today())
    _keep(_one_each(found))
    _note(began, len(passages), is_cut or are_cut)
    realtime.publish(f"business:{tenancy.current_business_id()}", name="upkeep")
    if db.session.scalar(select(select(Source.id).exists())):
        ask_within(EVERY)


def _one_each(found: Iterable[Found]) -> list[Found]:
    """Two passages that are the same text twice make the same finding."""
    return list({each.key: each for each in found}.values())


def _keep(found: list[Found]) -> None:
    """What is found no more goes; what was dismissed stays dismissed as long as its passages are there."""
    at = now()
    gone = delete(Finding).where(
        Finding.key.not_in([each.key for each in found]), Finding.dismissed_at.is_(None)
    )
    db.session.execute(gone)
    there = _chunks_there(found)
    rows = [
        {
            "kind": each.kind,
            "key": each.key,
            "source_id": each.source_id,
            "chunk_id": each.chunk_id,
            "other_chunk_id": each.other_chunk_id,
            "detail": each.detail,
            "weight": each.weight,
            "found_at": at,
        }
        for each in found
        if {each.chunk_id, each.other_chunk_id} <= there
    ]
    if rows:
        new = insert(Finding).values(rows)
        changed = {
            name: new.excluded[name]
            for name in ("source_id", "chunk_id", "other_chunk_id", "detail", "weight", "found_at")
        }
        db.session.execute(
            new.on_conflict_do_update(index_elements=["business_id", "key"], set_=changed)
        )


def _chunks_there(found: list[Found]) -> set[int | None]:
    """Of the passages that were found, those that nobody has taken away meanwhile."""
    named = {chunk_id for each in found for chunk_id in (each.chunk_id, each.other_chunk_id)}
    return {None, *db.session.scalars(select(Chunk.id).where(Chunk.id.in_(named - {None})))}


def _note(began: datetime, passages: int, is_partial: bool) -> None:
    values = {
        "ran_at": now(),
        "seconds": (now() - began).total_seconds(),
        "passages": passages,
        "is_partial": is_partial,
    }
    run = insert(Upkeep).values(**values)
    db.session.execute(run.on_conflict_do_update(index_elements=["business_id"], set_=values))
