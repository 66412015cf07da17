"""A long text in parts that each fit. Pure."""

BREAKS = ("\n\n", "\n", ". ", "! ", "? ", " ")  # the best first
LEAST_SHARE = 0.5  # of the limit; an earlier break makes the part too short


def parts(text: str, limit: int) -> list[str]:
    """Cut after paragraphs, else lines, sentences, words; nothing but white space gets lost."""
    found = []
    while len(text) > limit:
        at = _cut(text, limit)
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*found, text] if text or not found else found


def _cut(text: str, limit: int) -> int:
    for each in BREAKS:
        at = text.rfind(each, int(limit * LEAST_SHARE), limit)
        if at > 0:
            return at + len(each.rstrip())
    return limit
