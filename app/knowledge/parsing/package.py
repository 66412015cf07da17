"""What Word, Excel and PowerPoint files share: a ZIP of XML parts, which may be a bomb."""

import posixpath
import zipfile
from pathlib import Path

from lxml import etree

from app.knowledge.parsing import limits
from app.knowledge.parsing.errors import UnreadableFile

BROKEN = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    NotImplementedError,
    EOFError,
    OSError,
    zipfile.BadZipFile,
    zipfile.zlib.error,  # type: ignore[attr-defined]
    etree.XMLSyntaxError,
)
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def refuse_bombs(path: Path, *, xml_bytes: int) -> None:
    """By the declared sizes; the ZIP reader itself stops at them, so they can't lie downwards.

    `xml_bytes` is what all XML parts together may unpack to.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        xml = [entry for entry in entries if entry.filename.lower().endswith((".xml", ".rels"))]
        unpacked = sum(entry.file_size for entry in entries)
        text = sum(entry.file_size for entry in xml)
        if (
            len(entries) > limits.MAX_ZIP_ENTRIES
            or unpacked > limits.MAX_UNPACKED_BYTES
            or text > xml_bytes
        ):
            raise UnreadableFile("too_large", detail=f"unpacks to {unpacked} bytes")
        for entry in xml:
            _refuse_entities(archive, entry)


def _refuse_entities(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Office writes no DOCTYPE; whoever does wants entities expanded."""
    try:
        with archive.open(entry) as part:
            head = part.read(4096)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise UnreadableFile("broken", detail=repr(error)) from error
    if b"<!DOCTYPE" in head.replace(b"\0", b"").upper():
        raise UnreadableFile("broken", detail=f"{entry.filename} declares a DOCTYPE")


def part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """One XML part as a tree; the file may not ask for entities or for anything outside."""
    entry = archive.getinfo(name)
    if entry.file_size > limits.MAX_UNPACKED_XML_BYTES:
        raise UnreadableFile("too_large", detail=f"{name} unpacks to {entry.file_size} bytes")
    safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(entry), safe)


def relations(archive: zipfile.ZipFile, name: str) -> dict[str, tuple[str, str]]:
    """Of a part: id to (last word of the type, name of the part it points to)."""
    folder, file = posixpath.split(name)
    try:
        root = part(archive, f"{folder}/_rels/{file}.rels")
    except KeyError:  # a part that points nowhere has no such list
        return {}
    return {
        each.get("Id", ""): (
            each.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/"),
        )
        for each in root.iter(_RELATION)
    }
