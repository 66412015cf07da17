"""Files that people upload, kept in Postgres in parts: one truth, one backup, the same on every dyno."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sqlalchemy import LargeBinary, Text, insert, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BusinessScoped, ScopedId, of_business, reference
from app.extensions import db

PART_BYTES = 256 * 1024  # what is in memory at once


class File(ScopedId, Base):
    """An uploaded file. Its bytes are the parts in order; `sha256` tells two uploads of one file."""

    __tablename__ = "files"
    __table_args__ = (of_business(),)

    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    byte_count: Mapped[int]

    def write_to(self, path: Path) -> None:
        with path.open("wb") as target:
            for part in self.parts():
                target.write(part)

    def parts(self) -> Iterator[bytes]:
        rows = db.session.scalars(
            select(FilePart.data).where(FilePart.file_id == self.id).order_by(FilePart.position)
        ).yield_per(4)
        yield from rows


class FilePart(BusinessScoped, Base):
    __tablename__ = "file_parts"
    __table_args__ = (reference("file_id", "files"),)

    file_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


def digest(stream: IO[bytes]) -> tuple[str, int]:
    """Its SHA-256 and length in bytes; the stream is rewound."""
    sha256, length = hashlib.sha256(), 0
    while part := stream.read(PART_BYTES):
        sha256.update(part)
        length += len(part)
    stream.seek(0)
    return sha256.hexdigest(), length


def store(stream: IO[bytes], name: str, sha256: str, length: int) -> File:
    file = File(name=name, sha256=sha256, byte_count=length)
    db.session.add(file)
    db.session.flush()
    position = 0
    while part := stream.read(PART_BYTES):
        db.session.execute(
            insert(FilePart), {"file_id": file.id, "position": position, "data": part}
        )
        position += 1
    return file


def copy(file_id: int) -> File:
    """A file of its own, that stays when the other goes."""
    source = db.session.scalars(select(File).where(File.id == file_id)).one()
    made = File(name=source.name, sha256=source.sha256, byte_count=source.byte_count)
    db.session.add(made)
    db.session.flush()
    parts = select(literal(made.id), FilePart.position, FilePart.data)
    db.session.execute(
        insert(FilePart).from_select(
            ["file_id", "position", "data"],
            parts.where(FilePart.file_id == file_id),
            include_defaults=False,
        )
    )
    return made
