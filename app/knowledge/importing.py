"""Import from the command line: in this process, without a worker, and only then on to the next file."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core import tenancy, unit_of_work
from app.core.errors import FrontdeskError
from app.extensions import db
from app.knowledge import learning, services
from app.knowledge.models import Source
from app.lib.marking import kept

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    path: Path
    chunk_count: int = 0
    problem: str | None = None

    @property
    def is_ready(self) -> bool:
        return self.problem is None

    def line(self) -> str:
        if self.problem:
            return f"failed  {self.path}: {self.problem}"
        return f"ready   {self.path}: {self.chunk_count} chunks"


@dataclass(slots=True)
class Totals:
    ready_count: int = 0
    failed_count: int = 0
    chunk_count: int = 0

    def add(self, result: Result) -> None:
        self.ready_count += result.is_ready
        self.failed_count += not result.is_ready
        self.chunk_count += result.chunk_count

    def line(self) -> str:
        return f"{self.ready_count} ready, {self.failed_count} failed, {self.chunk_count} chunks"


def import_all(paths: Iterable[Path]) -> Iterator[Result]:
    for path in paths:
        yield from _import(path)


def _import(path: Path) -> Iterator[Result]:
    """A folder's files in order of name; hidden ones and links to folders, which may be loops, left out."""
    if not path.is_dir():
        yield import_file(path)
        return
    try:
        children = sorted(path.iterdir())
    except OSError as error:
        yield Result(path, problem=_reason(error))
        return
    for child in children:
        if not child.name.startswith(".") and not (child.is_symlink() and child.is_dir()):
            yield from _import(child)


def import_file(path: Path) -> Result:
    """What can't be read is a result with its problem; nothing of it stays half-done."""
    if path.exists() and not path.is_file():
        return Result(
            path, problem=kept("This is not a file.")
        )  # opening a pipe would wait for ever
    try:
        with path.open("rb") as stream, unit_of_work.unit_of_work():
            source_id = services.add_file(stream, path.name, None, read_now=True).id
    except (FrontdeskError, OSError) as error:
        return Result(path, problem=_reason(error))
    return _read(path, source_id)


def _read(path: Path, source_id: int) -> Result:
    try:
        source = _find(source_id)
        if source.status != "ready":
            with unit_of_work.unit_of_work():
                learning.read(source_id, source.revision)
        source = _find(source_id)
        result = Result(path, source.total_count, source.error)
    except Exception as error:
        logger.exception("import of %s failed", path)
        result = Result(path, problem=_reason(error))
    if not result.is_ready:
        _forget(source_id)
    db.session.expunge_all()
    return result


def _forget(source_id: int) -> None:
    with unit_of_work.unit_of_work():
        source = Source.by_id(source_id)
        if source is not None:
            services.remove(source)


def _find(source_id: int) -> Source:
    key = (tenancy.current_business_id(), source_id)
    return db.session.get_one(Source, key, populate_existing=True)


def _reason(error: Exception) -> str:
    if isinstance(error, FrontdeskError):
        return error.message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"
