"""Bytes to text: byte order mark, UTF-8, what the file declares, then a guess."""

import codecs
import re

from app.knowledge.parsing.errors import UnreadableFile

_MARKS = (  # the four-byte marks first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
_HEAD_BYTES = 2048  # browsers look for a declaration in the first 1024; some pages are late
_SAMPLE_BYTES = 64 * 1024
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")
_GUESS_BYTES = 256 * 1024  # enough to tell; the guess compares many encodings
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254")
_OTHER = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874")
_EAST_ASIAN = (  # a strict codec, and the characters that nearly all of its text is made of
    ("shift_jis", re.compile("[\u3041-\u30ff]"), 0.15),
    ("euc_jp", re.compile("[\u3041-\u30ff]"), 0.15),
    ("cp949", re.compile("[\uac00-\ud7a3]"), 0.6),
    ("gb2312", re.compile("[\u4e00-\u9fff]"), 0.6),
    ("big5", re.compile("[\u4e00-\u9fff]"), 0.6),
    ("gb18030", re.compile("[\u4e00-\u9fff]"), 0.6),
)
_INSIDE_WORD = re.compile(r"(?<=[a-z])[^\x00-\x7f](?=[a-z])")
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def decode(data: bytes, *, declared: str = "") -> str:
    """Raises UnreadableFile("bad_encoding") where the bytes are no text in any known encoding.

    `declared` comes from outside the file (an HTTP header); a declaration inside is found here.
    """
    text = _marked(data) or _utf8(data) or _as_declared(data, declared)
    if text is None:
        text = _guessed(data)
        if text is None or _control_share(text) > 0.01:
            raise UnreadableFile("bad_encoding")
    return _repaired(text)


def _marked(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    half = _zero_half(data)
    return data.decode(half, "replace") if half else None


def looks_like_text(data: bytes) -> bool:
    """Many control characters are the sign of a binary file; a stray NUL is not."""
    sample = data[:_SAMPLE_BYTES]
    if any(sample.startswith(mark) for mark, _ in _MARKS) or _zero_half(sample):
        return True
    return sum(byte in _CONTROLS for byte in sample) <= 0.1 * len(sample)


def _zero_half(data: bytes) -> str | None:
    """UTF-16 without a mark: in Western text every second byte is zero."""
    sample = data[:_HEAD_BYTES]
    pairs = len(sample) // 2
    if pairs < 2 or b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.6 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.6 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def _utf8(data: bytes) -> str | None:
    """Also UTF-8 with some foreign bytes in it, as files pasted together from two sources have."""
    if b"\x1b$" in data:  # ISO-2022-JP writes Japanese in seven bits
        return _strict(data, "iso2022_jp")
    text = _strict(data, "utf-8")
    if text is not None:
        return text
    sound = len(_MULTIBYTE.findall(data))
    foreign = sum(byte > 0x7F for byte in _MULTIBYTE.sub(b"", data))
    return data.decode("utf-8", "western") if sound >= max(foreign, 2) else None


def _western(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    foreign = error.object[error.start : error.end]
    return foreign.decode("cp1252", "replace"), error.end


codecs.register_error("western", _western)


def _as_declared(data: bytes, declared: str) -> str | None:
    found = _DECLARED.search(data[:_HEAD_BYTES])
    name = declared or (found[1].decode("ascii", "ignore") if found else "")
    if name.lower() in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"}:
        name = "cp1252"  # as every browser reads it
    return _strict(data, name) if name else None


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _guessed(data: bytes) -> str | None:
    sample = data[:_GUESS_BYTES]
    encoding = _guess_latin(sample) if _is_mostly_ascii(sample) else _guess_other(sample)
    return data.decode(encoding, "replace") if encoding else None


def _is_mostly_ascii(data: bytes) -> bool:
    high = sum(byte > 0x7F for byte in data)
    return high <= sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in data)


def _guess_latin(data: bytes) -> str | None:
    best = _ranked(data, _LATIN)
    if best and _oddities(data.decode(best[0], "replace")) == 0:
        return best[0]
    with_macintosh = _ranked(data, (*_LATIN, "mac_roman"))
    return with_macintosh[0] if with_macintosh else "cp1252"


def _guess_other(data: bytes) -> str | None:
    for encoding, typical, share in _EAST_ASIAN:
        text = _strict(data, encoding)
        high = sum(character > "\x7f" for character in text or "")
        if text and high and len(typical.findall(text)) / high >= share:
            return encoding
    best = _ranked(data, _OTHER)
    return best[0] if best else None


def _ranked(data: bytes, encodings: tuple[str, ...]) -> list[str]:
    """Fewest odd letters first, then by the library's measures; near ties go to the commoner one."""
    from charset_normalizer import from_bytes

    def rank(match: tuple[str, float, float]) -> tuple[int, int, int, int]:
        encoding, chaos, coherence = match
        odd = _oddities(data.decode(encoding, "replace"))
        return odd, round(chaos * 10), -round(coherence / 0.03), encodings.index(encoding)

    found: list[tuple[str, float, float]] = []
    for match in from_bytes(data, cp_isolation=list(encodings), threshold=0.5):
        aliases = [match.encoding, *match.could_be_from_charset]
        found += [(name, match.chaos, match.coherence) for name in aliases if name in encodings]
    return [encoding for encoding, _, _ in sorted(found, key=rank)]


def _oddities(text: str) -> int:
    """Capitals and signs between two small letters: the mark of a wrong guess."""
    inside = (found[0] for found in _INSIDE_WORD.finditer(text))
    return sum(not sign.islower() and sign not in "’‘–—·" for sign in inside)


def _control_share(text: str) -> float:
    strange = sum((ord(c) < 32 and c not in "\t\n\r\f") or c == "\ufffd" for c in text)
    return strange / max(len(text), 1)


def _repaired(text: str) -> str:
    """UTF-8 that was once read as cp1252 and saved so ("CafÃ©"): only if the way back is exact."""
    if len(re.findall("[ÂÃâ][\x80-\xbf€‚-™]", text)) < 2:
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text
