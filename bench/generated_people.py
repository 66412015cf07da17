"""People and messages in any number, the same for the same seed: names in five scripts, words by Zipf's law."""

import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from uuid import UUID


def _listed(words: str) -> list[str]:
    return words.split()


GIVEN = _listed(
    "Maria José Ana Antonio Juan Carmen Luis Elena Marta Pablo Lucía Sofía Diego Javier "
    "Andrés Núria James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth "
    "David Barbara Emma Olivia Noah Liam Ava Mia Hugo Léa Zoé Chloé François Amélie Jürgen "
    "Björn Søren Łukasz Zofia Agnieszka Jan Анна Мария Иван Дмитрий Ольга Сергей محمد أحمد "
    "فاطمة ليلى यश प्रिया आरव दीपा 伟 芳 娜 明"
)
FAMILY = _listed(
    "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Smith "
    "Johnson Williams Brown Jones Miller Davis Wilson Müller Schmidt Dubois Lefèvre Rossi "
    "Nowak Kowalska Silva Santos Nguyen Иванов Смирнова Кузнецов الأحمد حسن शर्मा सिंह 王 李 张"
)
DOMAINS = ("gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "icloud.com")
OWN_DOMAINS = 20_000
SYLLABLES = _listed(
    "ba be bi bo bu ca ce co da de di do fa fe ga go ha he hi ja ka ki la le li lo lu ma me "
    "mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo wa za an "
    "en in on ar er or al el is us"
)
COMMON = _listed(
    "the and to a you I is for of in it do have can on we my with are be at this that your "
    "thanks please hello not would like if what when order delivery today tomorrow time "
    "price open book table appointment"
)
VOCABULARY, MADE_GIVEN, MADE_FAMILY = 60_000, 3_000, 40_000
LATEST = datetime(2026, 11, 1, tzinfo=UTC)


class Zipf:
    """Picks things so that the n-th is picked as often as 1/n to some power."""

    def __init__(self, things: Sequence[str], power: float) -> None:
        self.things = things
        self._sums = list(accumulate(1 / (rank + 2) ** power for rank in range(len(things))))

    def __call__(self, generator: random.Random) -> str:
        return self.things[bisect(self._sums, generator.random() * self._sums[-1])]


class World:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        given = GIVEN + self._made(MADE_GIVEN, 2, 3, capital=True)
        family = FAMILY + self._made(MADE_FAMILY, 2, 4, capital=True)
        self.vocabulary = COMMON + self._made(VOCABULARY, 2, 5)
        self._given, self._family = Zipf(given, 0.9), Zipf(family, 0.8)
        self._word = Zipf(self.vocabulary, 1.0)
        self._known: list[tuple[int, str]] = []

    def _made(self, count: int, least: int, most: int, *, capital: bool = False) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < count:
            word = "".join(self._random.choices(SYLLABLES, k=self._random.randint(least, most)))
            found[word.capitalize() if capital else word] = None
        return list(found)

    def any_name(self, generator: random.Random) -> str:
        return f"{self._given(generator)} {self._family(generator)}"

    def any_email(self, generator: random.Random) -> str:
        name = self.any_name(generator).lower().split()
        local = name[0] if name[0].isascii() else "info"
        domain = (
            generator.choice(DOMAINS)
            if generator.random() < 0.8
            else f"firm{generator.randrange(OWN_DOMAINS)}.example"
        )
        return f"{local}.{generator.randrange(100_000)}@{domain}"

    def any_phone(self, generator: random.Random) -> str:
        return f"+346{generator.randrange(10**8):08}"

    def word(self, generator: random.Random, first: int, last: int) -> str:
        return self.vocabulary[generator.randrange(first, last)]

    def contacts(self, first: int, count: int) -> Iterator[tuple]:
        self._known = []
        for number in range(count):
            name = self.any_name(self._random)
            self._known.append((first + number, name))
            note = self._sentence() if self._random.random() < 0.05 else ""
            yield first + number, name, note, *[LATEST - timedelta(minutes=count - number)] * 2

    def identities(self) -> Iterator[tuple]:
        """Of the contacts made last: an address for six of ten, a number for seven."""
        seen = set()
        for contact_id, _name in self._known:
            pairs = (
                ("email", self.any_email, 0.6),
                ("phone", self.any_phone, 0.7),
            )
            for kind, make, share in pairs:
                value = make(self._random)
                if self._random.random() < share and value not in seen:
                    seen.add(value)
                    yield contact_id, kind, value

    def visitors(self, first: int, channel_id: int, count: int) -> Iterator[tuple]:
        for number in range(count):
            contact_id = self._known[number * len(self._known) // count][0]
            uuid = UUID(int=self._random.getrandbits(128), version=4)
            yield first + number, uuid, channel_id, contact_id, "own"

    def conversations(
        self, first: int, visitor: int, channel_id: int, count: int
    ) -> Iterator[tuple]:
        for number in range(count):
            at = LATEST - timedelta(minutes=count - number)
            yield first + number, channel_id, visitor + number, False, "open", 5, 3, at, "Thanks!"

    def messages(self, first: int, conversations: int, count: int) -> Iterator[tuple]:
        for number in range(count):
            at = LATEST - timedelta(seconds=20 * (count - number))
            conversation = first + number * conversations // count
            position = 1 + number - (number * conversations // count) * count // conversations
            incoming = number % 2 == 0
            kind, author = ("incoming", "visitor") if incoming else ("outgoing", "member")
            yield conversation, position + 1, kind, author, self._sentence(), "[]", False, at

    def _sentence(self) -> str:
        return " ".join(self._word(self._random) for _ in range(self._random.randint(3, 20)))
