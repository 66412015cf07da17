"""How many messages a text is when it is sent as SMS; each is paid for."""

from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = "^{}\\[~]|€\f"  # of the extension table: each takes two places
_PLACES = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_TWICE, 2)

ALONE, JOINED = 160, 153  # places of a message; several are joined by a header
ALONE_WIDE, JOINED_WIDE = 70, 67


@dataclass(frozen=True, slots=True)
class Sending:
    """`odd` are the characters that make it wide: less than half as many fit."""

    messages: int
    places: int
    odd: str

    @property
    def is_wide(self) -> bool:
        return bool(self.odd)


def sending(text: str) -> Sending:
    odd = "".join(dict.fromkeys(each for each in text if each not in _PLACES))
    if odd:
        places = [len(each.encode("utf-16-le")) // 2 for each in text]
        return Sending(_messages(places, ALONE_WIDE, JOINED_WIDE), sum(places), odd)
    places = [_PLACES[each] for each in text]
    return Sending(_messages(places, ALONE, JOINED), sum(places), "")


def _messages(places: list[int], alone: int, joined: int) -> int:
    """No character is parted between two messages."""
    if sum(places) <= alone:
        return 1 if places else 0
    count, free = 0, 0
    for each in places:
        if each > free:
            count, free = count + 1, joined
        free -= each
    return count
