"""Files made on the spot, good and bad."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from app.knowledge.blocks import ParsedDocument
from app.knowledge.parsing import UnreadableFile, parse_file

Lines = list[tuple[float, float, str]]  # font size, distance from the foot, text


def make_pdf(pages: list[Lines], *, password: str = "", title: str = "") -> bytes:
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    for lines in pages:
        page = writer.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        page[NameObject("/Contents")] = writer._add_object(_content(lines))
    if title:
        writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password, algorithm="AES-256")
    return _written(writer)


def _content(lines: Lines) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    shown = [f"BT /F1 {size} Tf 60 {height} Td ({text}) Tj ET" for size, height, text in lines]
    stream.set_data("\n".join(shown).encode("cp1252"))
    return stream


def _written(writer: PdfWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def make_scan() -> bytes:
    """One page that shows a picture and nothing else."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    picture = DecodedStreamObject()
    picture.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
        }
    )
    picture.set_data(b"\x00" * 64)
    objects = DictionaryObject({NameObject("/Im1"): writer._add_object(picture)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): objects})
    content = DecodedStreamObject()
    content.set_data(b"q 500 0 0 700 40 60 cm /Im1 Do Q")
    page[NameObject("/Contents")] = writer._add_object(content)
    return _written(writer)


def docx_bytes(document: "docx.document.Document") -> bytes:
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def make_zip(entries: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return output.getvalue()


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes, str], ParsedDocument]:
    def reading(data: bytes, name: str) -> ParsedDocument:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return parse_file(path, name)

    return reading


@pytest.fixture
def refusal(read: Callable[[bytes, str], ParsedDocument]) -> Callable[[bytes, str], UnreadableFile]:
    def refused(data: bytes, name: str) -> UnreadableFile:
        with pytest.raises(UnreadableFile) as caught:
            read(data, name)
        return caught.value

    return refused


@pytest.fixture
def pdf() -> Callable[..., bytes]:
    return make_pdf


@pytest.fixture
def scan() -> bytes:
    return make_scan()


@pytest.fixture
def zipped() -> Callable[[dict[str, bytes]], bytes]:
    return make_zip


@pytest.fixture
def saved() -> Callable[..., bytes]:
    """A python-docx document as the bytes of its file."""
    return docx_bytes
