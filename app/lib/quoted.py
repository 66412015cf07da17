"""What somebody wrote in a mail, without the mail that it answers.

Programs quote in many languages, but in few shapes: lines with ">", led in by a line that ends with a colon; a
block of headers, often under a ruled line. Own rules, since libraries know the words of some languages alone.
"""

import re

MAX_LEAD_LINES = (
    3  # "On Monday, 20 November, at 10:00, Shop <shop@example.com> wrote:" may be wrapped
)
_QUOTED = re.compile(r"\s*>")
_RULE = re.compile(r"\s*(-{2,}\s*\S.{0,60}?\s*-{2,}|_{10,}|-{10,})\s*")
_HEADER = re.compile(
    r"\s*\*?(from|sent|to|cc|date|subject|de|enviado|para|asunto|fecha|envoyé|à|objet|date|von|gesendet|an|betreff"
    r"|assunto|data|da|inviato|a|oggetto|van|verzonden|aan|onderwerp)\*?\s*:\*?\s+\S",
    re.IGNORECASE,
)
_HAS_SENDER = re.compile(r"[\w.+-]+@[\w-]+\.\w|\d{1,2}[:.h]\d{2}|\d{4}")
_SIGNATURE = re.compile(r"-- ?")
_PHONE_SIGNATURE = re.compile(
    r"(sent|get|enviado|envoyé|gesendet|von meinem|inviato|verzonden)\b.{0,60}"
    r"\b(iphone|ipad|android|outlook|samsung|mobile|móvil|celular|handy|mail|mobiltelefon)\b.{0,40}",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """Everything when nothing would be left, or when the writer answers between quoted lines."""
    lines = text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")
    kept = _without_signature(lines[: _beginning_of_quote(lines)])
    return "\n".join(kept).strip() or text.strip()


def _beginning_of_quote(lines: list[str]) -> int:
    for number, line in enumerate(lines):
        if _is_header_block(lines, number) or (
            _RULE.fullmatch(line) and _leads_to_quote(lines, number)
        ):
            return number
        if _QUOTED.match(line) and not _goes_on(lines, number):
            return _beginning_of_lead(lines, number)
    return len(lines)


def _goes_on(lines: list[str], number: int) -> bool:
    """The writer's words come again after the quoted ones."""
    return any(
        line.strip() and not _QUOTED.match(line) and not _SIGNATURE.fullmatch(line)
        for line in lines[number:]
    )


def _beginning_of_lead(lines: list[str], number: int) -> int:
    """Of the "… wrote:" before the first quoted line, if there is one."""
    last = number - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last < 0 or not lines[last].rstrip().endswith(":"):
        return number
    for first in range(last, max(last - MAX_LEAD_LINES, -1), -1):
        if not lines[first].strip():
            break
        if _HAS_SENDER.search(" ".join(lines[first : last + 1])) and (
            first == 0 or not lines[first - 1].strip()
        ):
            return first
    return last


def _is_header_block(lines: list[str], number: int) -> bool:
    """Three lines of "From: …", "Sent: …", one after the other."""
    block = [line for line in lines[number : number + 5] if line.strip()][:3]
    return (
        len(block) == 3
        and all(_HEADER.match(line) for line in block)
        and bool(_HEADER.match(lines[number]))
    )


def _leads_to_quote(lines: list[str], number: int) -> bool:
    """A ruled line over headers or over quoted lines; a writer's own rule is none."""
    below = [line for line in lines[number + 1 : number + 6] if line.strip()]
    return bool(below) and bool(_HEADER.match(below[0]) or _QUOTED.match(below[0]))


def _without_signature(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if number and _SIGNATURE.fullmatch(line):
            return lines[:number]
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    if last > 1 and _PHONE_SIGNATURE.fullmatch(lines[last - 1].strip()):
        return lines[: last - 1]
    return lines
