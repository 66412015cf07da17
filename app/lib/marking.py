"""A text that a catalogue should have, where it is named before it is known in which language it will be said."""


def N_(text: str) -> str:  # noqa: N802 (the name that catalogues look for)
    return text
