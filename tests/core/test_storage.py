"""Uploaded files: kept in parts, given back whole, and nobody else's."""

import hashlib
import io
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from app.core import storage
from app.core.storage import PART_BYTES, File, FilePart
from app.core.unit_of_work import unit_of_work
from app.extensions import db


def keep(data: bytes) -> int:
    stream = io.BytesIO(data)
    with unit_of_work():
        return storage.store(stream, "a.txt", *storage.digest(stream)).id


def give_back(file_id: int, path: Path) -> bytes:
    db.session.expire_all()
    db.session.scalars(select(File).where(File.id == file_id)).one().write_to(path)
    return path.read_bytes()


@pytest.mark.parametrize(
    "length", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 9 * PART_BYTES + 7]
)
def test_a_file_comes_back_as_it_was(context, cast, tmp_path, length):
    data = bytes(position * 31 % 251 for position in range(length))
    with cast.scope():
        assert give_back(keep(data), tmp_path / "copy") == data


def test_it_lies_in_parts_that_fit_in_memory(context, cast):
    with cast.scope():
        file_id = keep(b"x" * (2 * PART_BYTES + 1))
        lengths = select(func.length(FilePart.data)).where(FilePart.file_id == file_id)
        assert sorted(db.session.scalars(lengths)) == [1, PART_BYTES, PART_BYTES]


def test_its_digest_is_of_all_its_bytes_and_leaves_it_at_its_beginning():
    stream = io.BytesIO(data := b"ab" * PART_BYTES)
    assert storage.digest(stream) == (hashlib.sha256(data).hexdigest(), len(data))
    assert stream.read() == data


def test_a_neighbour_finds_neither_the_file_nor_its_parts(context, cast):
    with cast.scope():
        file_id = keep(b"secret")
    with cast.neighbour_scope():
        assert db.session.scalar(select(File).where(File.id == file_id)) is None
        assert db.session.scalar(select(FilePart).where(FilePart.file_id == file_id)) is None


def test_its_parts_go_with_it(context, cast):
    with cast.scope():
        file_id = keep(b"x" * PART_BYTES * 2)
        with unit_of_work():
            db.session.execute(delete(File).where(File.id == file_id))
        parts = select(func.count()).select_from(FilePart).where(FilePart.file_id == file_id)
        assert db.session.scalar(parts) == 0


def test_half_a_file_is_not_kept(context, cast):
    """The connection breaks in the middle of reading."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > PART_BYTES:
                raise OSError("cut off")
            return super().read(size)

    with cast.scope():
        with pytest.raises(OSError, match="cut off"), unit_of_work():
            storage.store(Broken(b"x" * PART_BYTES * 4), "half.txt", "0" * 64, 4 * PART_BYTES)
        assert db.session.scalar(select(File).where(File.name == "half.txt")) is None
