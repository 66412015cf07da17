"""Import from the command line: in this process, without a worker, and only then on to the next file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core import tenancy, unit_of_work
from app.core.errors import FrontdeskError
from app.extensions import db
from app.knowledge import services
from app.knowledge.models import Source


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
        for file in _files(path):
            yield import_file(file)


def import_file(path: Path) -> Result:
    """What can't be read is a result with its problem; nothing of it stays half-done."""
    try:
        with path.open("rb") as stream, unit_of_work.unit_of_work():
            source_id = services.add_file(stream, path.name, None, read_now=True).id
        return _read(path, source_id)
    except (FrontdeskError, OSError) as error:
        return Result(path, problem=getattr(error, "message", str(error)))


def _read(path: Path, source_id: int) -> Result:
    source = db.session.get_one(Source, (tenancy.current_business_id(), source_id))
    if source.status != "ready":
        with unit_of_work.unit_of_work():
            services.read(source_id, source.revision)
        db.session.refresh(source)
    result = Result(path, source.total_count, source.error)
    if source.status == "failed":
        with unit_of_work.unit_of_work():
            services.remove(source)
    db.session.expunge_all()
    return result


def _files(path: Path) -> Iterator[Path]:
    """A folder's files in order of name, hidden ones left out."""
    if path.is_dir():
        for child in sorted(path.iterdir()):
            if not child.name.startswith("."):
                yield from _files(child)
    else:
        yield path
