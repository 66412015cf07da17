"""Whether words can be read on a colour. Colours are written #rrggbb."""

import re

ENOUGH_CONTRAST = 4.5  # WCAG 2.2 AA for text
HEX_COLOUR = re.compile(r"#[0-9a-f]{6}", re.I)


def ink_on(colour: str) -> str:
    """White text where it can be read on the owner's colour, else black, which then can."""
    return "#ffffff" if contrast("#ffffff", colour) >= ENOUGH_CONTRAST else "#000000"


def contrast(one: str, other: str) -> float:
    """As WCAG defines it: 1 (none) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
