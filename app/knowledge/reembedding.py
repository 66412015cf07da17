"""Another embedding model for a business that has knowledge already: its vectors are made beside the old ones,
which go on serving, and take their place in one transaction.

`chunk_vectors` and `sentences` hold the serving model's vectors and nothing else, so a search knows nothing of a
change. What is imported meanwhile gets the old model's vectors there like everything else, and the new one's here.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from app.businesses.models import Business
from app.core import realtime, tenancy, unit_of_work
from app.core.errors import Conflict
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import cases, tuning
from app.knowledge.embeddings.current import configured_model, encode, encode_many
from app.knowledge.indexing import Encode, halfvec_texts, passage_text, sentence_text
from app.lib.marking import kept

logger = logging.getLogger(__name__)

BATCH = 32  # chunks between two commits
STINT_SECONDS = 600  # then the next business, or an import, has its turn
ATTEMPTS = 20  # to find a moment in which nobody writes
PAUSE_SECONDS = 1
OF_CHUNK = -1  # the position of a chunk's own vector; its sentences' are from 0 on

# Of other domains: each makes its own vectors of the business anew, in the transaction of the switch.
_followers: list[Callable[[Encode], None]] = []


def followed_by(function: Callable[[Encode], None]) -> Callable[[Encode], None]:
    _followers.append(function)
    return function


_BEHIND = text("""
    SELECT b.id FROM businesses AS b
     WHERE b.embedding_model <> :model
       AND NOT EXISTS (SELECT FROM outbox AS o
                        WHERE o.name = 'knowledge.reembed' AND o.business_id = b.id
                          AND o.failed_at > now() - interval '1 hour')
       AND NOT EXISTS (SELECT FROM outbox AS o
                        WHERE o.name = 'knowledge.reembed'
                          AND o.done_at IS NULL AND o.failed_at IS NULL)
     ORDER BY b.next_embedding_model IS NULL, b.id LIMIT 1""")


def notice_change() -> None:
    """By the clock: ask for the next business whose vectors are another model's than the configured.

    One at a time, so that imports always find a free slot beside it.
    """
    with unit_of_work.unit_of_work() as session:
        business_id = session.execute(_BEHIND, {"model": configured_model()}).scalar()
        if business_id is not None:
            with tenancy.business_scope(business_id):
                enqueue("knowledge.reembed", queue="bulk", key=f"knowledge.reembed {business_id}")


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the business in scope; `total` counts its passages."""

    done: int
    total: int


_PROGRESS = text("""
    SELECT (SELECT count(*) FROM next_vectors
             WHERE business_id = current_setting('app.business_id')::bigint AND position = -1) AS done,
           (SELECT count(*) FROM chunk_vectors
             WHERE business_id = current_setting('app.business_id')::bigint) AS total""")


def progress(business: Business) -> Progress | None:
    """None when no change is on its way."""
    if business.next_embedding_model is None:
        return None
    row = db.session.execute(_PROGRESS).one()
    return Progress(min(row.done, row.total), row.total)


def reembed() -> None:
    """One stint for the business in scope, committing as it goes. Safe to repeat at any point."""
    model, until = configured_model(), time.monotonic() + STINT_SECONDS
    if not _begin(model):
        return
    for _attempt in range(ATTEMPTS):
        last = 0
        while last := _embed_batch(model, last):
            if time.monotonic() > until:
                return  # the clock asks again
        if _switch(model):
            _announce()
            tuning.keep_up()
            list(cases.run_all(encode))  # each keeps whether it is still right
            return
        time.sleep(PAUSE_SECONDS)
    raise Conflict(
        kept("The knowledge kept changing while it was being switched to another model.")
    )


def _begin(model: str) -> bool:
    """False when there is nothing to change. What a third model has made so far is thrown away."""
    business = _business()
    if business.embedding_model == model:
        if business.next_embedding_model is not None:  # the configuration was changed back
            _forget_next(business)
        return False
    if business.next_embedding_model != model:
        _forget_next(business)
        business.next_embedding_model = model
    _announce()
    unit_of_work.commit()
    return True


def _forget_next(business: Business) -> None:
    db.session.execute(_FORGET)
    business.next_embedding_model = None


_FORGET = text(
    "DELETE FROM next_vectors WHERE business_id = current_setting('app.business_id')::bigint"
)
_MISSING_FROM = """
      FROM chunk_vectors AS v
      JOIN chunks AS c ON c.business_id = v.business_id AND c.id = v.chunk_id
     WHERE v.business_id = current_setting('app.business_id')::bigint
       AND NOT EXISTS (SELECT FROM next_vectors AS n
                        WHERE n.business_id = v.business_id AND n.chunk_id = v.chunk_id
                          AND n.position = -1)"""
_MISSING = text(
    f"""
    SELECT c.id, c.heading, c.question, c.text,
           ARRAY(SELECT s.position FROM sentences AS s
                  WHERE s.business_id = c.business_id AND s.chunk_id = c.id
                  ORDER BY s.position) AS positions,
           ARRAY(SELECT s.text FROM sentences AS s
                  WHERE s.business_id = c.business_id AND s.chunk_id = c.id
                  ORDER BY s.position) AS sentences
    {_MISSING_FROM} AND v.chunk_id > :after ORDER BY v.chunk_id LIMIT :limit"""  # noqa: S608
)
_IS_MISSING = text(f"SELECT EXISTS (SELECT {_MISSING_FROM})")

# The join leaves out what was deleted while its vectors were made; what is there can't be deleted before this commits.
_INSERT = text("""
    INSERT INTO next_vectors (chunk_id, position, embedding)
    SELECT new.chunk_id, new.position, new.embedding::halfvec
      FROM unnest(CAST(:ids AS bigint[]), CAST(:positions AS smallint[]), CAST(:vectors AS text[]))
           AS new (chunk_id, position, embedding)
      JOIN (SELECT id FROM chunks
             WHERE business_id = current_setting('app.business_id')::bigint AND id = ANY(:ids)
             ORDER BY id FOR KEY SHARE) AS present ON present.id = new.chunk_id
    ON CONFLICT DO NOTHING""")


def _embed_batch(model: str, after: int) -> int:
    """The next chunks without a vector of this model, behind this one. The last one's id, or 0. Commits.

    No transaction is open while they are encoded.
    """
    rows = db.session.execute(_MISSING, {"after": after, "limit": BATCH}).all()
    unit_of_work.commit()
    if not rows:
        return 0
    keys, texts = [], []
    for row in rows:
        keys.append((row.id, OF_CHUNK))
        texts.append(passage_text(row.heading, row.question, row.text))
        for position, sentence in zip(row.positions, row.sentences, strict=True):
            keys.append((row.id, position))
            texts.append(sentence_text(row.heading, sentence))
    vectors = halfvec_texts(encode_many(texts, model))
    if _business().next_embedding_model != model:
        raise Conflict(kept("Another embedding model was configured meanwhile."))
    db.session.execute(
        _INSERT,
        {
            "ids": [chunk_id for chunk_id, _position in keys],
            "positions": [position for _chunk_id, position in keys],
            "vectors": vectors,
        },
    )
    _announce()
    unit_of_work.commit()
    return int(rows[-1].id)


_PATIENCE = text("""
    SELECT set_config('lock_timeout', '500ms', true), set_config('statement_timeout', '0', true)""")
_LOCK_SOURCES = text("""
    SELECT id FROM sources WHERE business_id = current_setting('app.business_id')::bigint
     ORDER BY id FOR SHARE""")
_TAKE_CHUNKS = text("""
    UPDATE chunk_vectors AS v SET embedding = n.embedding FROM next_vectors AS n
     WHERE v.business_id = current_setting('app.business_id')::bigint
       AND n.business_id = v.business_id AND n.chunk_id = v.chunk_id AND n.position = -1""")
_TAKE_SENTENCES = text("""
    UPDATE sentences AS s SET embedding = n.embedding FROM next_vectors AS n
     WHERE s.business_id = current_setting('app.business_id')::bigint
       AND n.business_id = s.business_id AND n.chunk_id = s.chunk_id AND n.position = s.position""")


def _switch(model: str) -> bool:
    """All at once, and only when nothing lacks its vector; False when it has to be tried again.

    Whoever writes vectors holds the business's row (indexing.py), whoever deletes knowledge a source's.
    We give way to both before Postgres would have to look for a deadlock, which takes it a second.
    """
    try:
        db.session.execute(_PATIENCE)
        business = db.session.get_one(Business, tenancy.current_business_id())
        db.session.refresh(business, with_for_update={"key_share": True})
        db.session.execute(_LOCK_SOURCES)
        if db.session.execute(_IS_MISSING).scalar() or business.next_embedding_model != model:
            unit_of_work.rollback()
            return False
        for statement in (_TAKE_CHUNKS, _TAKE_SENTENCES, _FORGET):
            db.session.execute(statement)
        for follower in _followers:
            follower(partial(encode_many, model=model))
        business.embedding_model, business.next_embedding_model = model, None
        unit_of_work.commit()
    except OperationalError as error:
        unit_of_work.rollback()
        if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
            raise
        return False
    logger.info("business %s is served by %s", tenancy.current_business_id(), model)
    return True


def _business() -> Business:
    """As the database has it now, locked: two jobs of different configurations take turns."""
    business = db.session.get_one(Business, tenancy.current_business_id())
    db.session.refresh(business, with_for_update={"key_share": True})
    return business


def _announce() -> None:
    realtime.publish(f"business:{tenancy.current_business_id()}", name="embedding-model")


def status() -> list[tuple[str, str, str | None]]:
    """Of every business: its slug, the model that serves it, and the one it is changing to."""
    wanted = select(Business.slug, Business.embedding_model, Business.next_embedding_model)
    rows = db.session.execute(wanted.order_by(Business.slug))
    return [(slug, model, following) for slug, model, following in rows]
