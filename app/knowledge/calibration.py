"""What a threshold is worth: how many of the answers given at it are right, and how many answers it costs.

The figures are those that bench/fit_confidence.py prints for our own question sets, each scored by weights made
without it, as if half of what is asked stood in the texts.
"""

from dataclasses import dataclass

QUESTIONS = 862


@dataclass(frozen=True, slots=True)
class Rates:
    right: int  # of 100 answers that are given
    answered: int  # of 100 questions that have an answer


# By the threshold in per cent.
_MEASURED = {
    5: Rates(54, 100),
    10: Rates(61, 99),
    15: Rates(67, 97),
    20: Rates(71, 95),
    25: Rates(74, 93),
    30: Rates(78, 90),
    35: Rates(80, 88),
    40: Rates(81, 86),
    45: Rates(84, 84),
    50: Rates(85, 81),
    55: Rates(86, 80),
    60: Rates(88, 77),
    65: Rates(89, 73),
    70: Rates(90, 72),
    75: Rates(92, 65),
    80: Rates(92, 57),
    85: Rates(94, 53),
    90: Rates(95, 44),
    95: Rates(96, 35),
}


def at(percent: int) -> Rates:
    """Of the nearest threshold that was measured."""
    return _MEASURED[min(_MEASURED, key=lambda measured: abs(measured - percent))]
