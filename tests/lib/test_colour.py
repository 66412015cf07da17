"""Words on the owner's colour can always be read."""

import itertools

import pytest

from app.lib.colour import ENOUGH_CONTRAST, contrast, ink_on


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#777777", 4.48), ("#336699", "#336699", 1.0)],
)
def test_contrast_is_as_the_guidelines_define_it(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


def test_the_ink_can_be_read_on_every_colour() -> None:
    steps = [f"{value:02x}" for value in range(0, 256, 17)]
    for parts in itertools.product(steps, repeat=3):
        colour = "#" + "".join(parts)
        assert contrast(ink_on(colour), colour) >= ENOUGH_CONTRAST, colour
