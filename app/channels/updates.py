"""What providers tell, stored as it came: one statement for a whole batch, each update once."""

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import text

from app.channels.border import Update
from app.channels.hook_doors import Place
from app.channels.models.updates import lane_of
from app.core import tenancy
from app.core.db import now
from app.core.many_jobs import enqueue_each
from app.extensions import db

logger = logging.getLogger(__name__)

MAX_ID_CHARACTERS = 300  # what is longer stands under its digest: an index has no room for more
MAX_DEPTH = 50
MAY_WAIT = timedelta(seconds=1)  # then all that came meanwhile is one job's

# The ids follow the order in which the updates came, and the rows are written in the order of their
# external ids, so that two requests with the same updates can't wait for each other.
STORE = text("""
WITH came AS (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb))
      AS r(n int, channel bigint, id text, person text, lane bigint, at timestamptz, payload jsonb, urgent bool)
), numbered AS MATERIALIZED (
  SELECT c.*, nextval('channel_updates_id_seq') AS number
    FROM (SELECT came.* FROM came JOIN channels ON channels.id = came.channel AND channels.state <> 'off'
          ORDER BY came.n) AS c
), stored AS (
  INSERT INTO channel_updates (id, channel_id, external_id, person, lane, payload, occurred_at)
  SELECT number, channel, id, person, lane, payload, at FROM numbered ORDER BY channel, id
  ON CONFLICT (business_id, channel_id, external_id) DO NOTHING
  RETURNING channel_id, lane
), heard AS (
  UPDATE channels SET heard_at = now() WHERE id IN (
    SELECT id FROM channels WHERE id IN (SELECT channel FROM numbered)
       AND (heard_at IS NULL OR heard_at < now() - interval '1 minute')
    FOR NO KEY UPDATE SKIP LOCKED)
)
SELECT channel_id, lane, is_urgent, 0 AS kept
  FROM (SELECT DISTINCT channel_id, lane FROM stored) AS new
  JOIN (SELECT channel AS channel_id, lane, bool_or(urgent) AS is_urgent FROM numbered GROUP BY channel, lane) AS asked
 USING (channel_id, lane)
UNION ALL SELECT NULL, NULL, NULL, (SELECT count(*) FROM numbered)
""")


def store(found: Sequence[tuple[Place, Update]]) -> None:
    """Of any businesses, in the caller’s transaction. What is new is worked off by a job for each lane; what
    is for a channel that is off, or gone, is dropped."""
    of_business: dict[int, list[tuple[int, Update]]] = defaultdict(list)
    for place, update in found:
        of_business[place.business_id].append((place.channel_id, update))
    for business_id in sorted(of_business):
        is_inside = tenancy.scope_or_none() == business_id
        with nullcontext() if is_inside else tenancy.business_scope(business_id):
            _store(of_business[business_id])


def _store(found: list[tuple[int, Update]]) -> None:
    rows = [_row(number, *each) for number, each in enumerate(found)]
    *lanes, (*_, kept) = db.session.execute(STORE, {"rows": as_json(rows)}).all()
    if kept < len(rows):
        logger.warning("dropped %s updates of a channel that is off", len(rows) - kept)
    _work_off([lane for lane in lanes if lane.is_urgent])
    _work_off([lane for lane in lanes if not lane.is_urgent], now() + MAY_WAIT)


def _work_off(lanes: Sequence[Any], at: datetime | None = None) -> None:
    keys = {
        f"updates-{each.channel_id}-{each.lane}": [each.channel_id, each.lane] for each in lanes
    }
    enqueue_each("frontdesk.work_off", keys, at)


def _row(number: int, channel_id: int, update: Update) -> dict[str, Any]:
    return {
        "n": number,
        "channel": channel_id,
        "id": _short(update.external_id),
        "person": update.person,
        "lane": lane_of(update.person),
        "at": update.occurred_at.isoformat(),
        "payload": update.payload,
        "urgent": update.is_urgent,
    }


def _short(external_id: str) -> str:
    if len(external_id) <= MAX_ID_CHARACTERS:
        return external_id
    return f"{external_id[:100]}:{sha256(external_id.encode(errors='replace')).hexdigest()}"


def as_json(rows: list[dict[str, Any]]) -> str:
    """What Postgres takes, whatever somebody typed: it knows no zero character, half a character or
    infinity, and no end of brackets within brackets."""
    try:
        written = _dumped(rows)
    except (ValueError, RecursionError):
        return _dumped(_cleaned(rows))
    return _dumped(_cleaned(rows)) if "\\u0000" in written else written


def _dumped(rows: Any) -> str:
    written = json.dumps(rows, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    written.encode()
    return written


def _cleaned(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="replace").decode()
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if not isinstance(value, dict | list):
        return value
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [_cleaned(each, depth + 1) for each in value]
    return {_cleaned(key): _cleaned(each, depth + 1) for key, each in value.items()}
