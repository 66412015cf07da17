"""How somebody can be reached, found in what they wrote: e-mail, telephone, name, and when it suits."""

import re
from dataclasses import dataclass

from app.lib import emails, names, phones
from app.lib.words import fold, words

MAX_SUITS = 200  # characters
LEAST_DIGITS = 6  # a shorter run is a price or an hour, not a wrong telephone number
_MAIL = re.compile(r"[^\s<>()\[\]{},;:\"“”]*@[^\s<>()\[\]{},;:\"“”]*")
_RUN = re.compile(r"[+＋]?[(\[]?\d[\d()\[\]/.·‐‑‒–—\t \u00a0\u202f-]*\d")
_SEPARATORS = re.compile(r"[,;،؛।\n|]+|(?<=\w)\.(?=\s|$)|\s[-–—]\s")
_NAMES = r"(?:\s+[A-ZÀ-Þ][\w’'.-]*){0,3}"
_LEADS = (
    r"my name is|my name[’']s|name:|me llamo|mi nombre es|ich hei(?:ß|ss)e|mein name ist|je m[’']appelle|mon nom est"
    r"|(?:eu )?me chamo|chamo-me|(?:o )?meu nome é"
)
_SAYS_NAME = re.compile(
    rf"\b(?i:{_LEADS})\s+([^\W\d_][\w’'.-]*{_NAMES})"
    rf"|\b(?i:i am|i[’']m|this is|soy|ich bin|je suis|sou)\s+([A-ZÀ-Þ][\w’'.-]*{_NAMES})"
    r"|(?:मेरा नाम|mera naam|(?<!\w)[إا]?سمي)\s+((?:(?!है|hai)[^\s,.،।]+\s?){1,3})"
)
# Words that no name is made of; what is left beside a number is often one of these.
_NO_NAME = frozenset(
    fold(word)
    for word in [
        "call",
        "ring",
        "phone",
        "telephone",
        "tel",
        "mobile",
        "number",
        "e",
        "email",
        "mail",
        "write",
        "text",
        "reach",
        "contact",
        "message",
        "me",
        "my",
        "you",
        "please",
        "back",
        "thanks",
        "thank",
        "hi",
        "hello",
        "hey",
        "yes",
        "yeah",
        "no",
        "ok",
        "okay",
        "sure",
        "it",
        "is",
        "on",
        "at",
        "under",
        "or",
        "and",
        "the",
        "want",
        "would",
        "like",
        "about",
        "question",
        "order",
        "best",
        "llame",
        "llamar",
        "llámame",
        "llámeme",
        "llámenme",
        "llamada",
        "teléfono",
        "móvil",
        "celular",
        "número",
        "correo",
        "escriba",
        "escríbame",
        "mi",
        "por",
        "favor",
        "gracias",
        "hola",
        "sí",
        "en",
        "puede",
        "pueden",
        "su",
        "pedido",
        "ligue",
        "ligar",
        "liguem",
        "telefone",
        "telemóvel",
        "meu",
        "minha",
        "pode",
        "podem",
        "favor",
        "obrigado",
        "obrigada",
        "olá",
        "oi",
        "não",
        "appelez",
        "appeler",
        "rappelez",
        "rappeler",
        "numéro",
        "courriel",
        "écrivez",
        "mon",
        "ma",
        "merci",
        "bonjour",
        "oui",
        "non",
        "sur",
        "pouvez",
        "svp",
        "plaît",
        "rufen",
        "ruft",
        "anrufen",
        "zurückrufen",
        "rückruf",
        "meine",
        "nummer",
        "handy",
        "telefon",
        "mailen",
        "schreiben",
        "bitte",
        "danke",
        "hallo",
        "ja",
        "nein",
        "unter",
        "ist",
        "und",
        "ich",
        "mich",
        "sie",
        "können",
        "मुझे",
        "मेरा",
        "मेरी",
        "नंबर",
        "फ़ोन",
        "फोन",
        "कॉल",
        "करें",
        "कीजिए",
        "कृपया",
        "धन्यवाद",
        "नमस्ते",
        "हाँ",
        "नहीं",
        "पर",
        "को",
        "है",
        "رقمي",
        "رقم",
        "هاتفي",
        "الهاتف",
        "اتصل",
        "اتصلوا",
        "بي",
        "علي",
        "على",
        "من",
        "فضلك",
        "شكرا",
        "مرحبا",
        "نعم",
        "لا",
        "هو",
    ]
)
_LEFT_ALONE = frozenset(
    ["an", "al", "ao", "au", "el", "la", "sim"]
)  # where the number stood between
MAX_NAME_WORDS = 4


@dataclass(frozen=True, slots=True)
class Reached:
    """Empty is what wasn't said. `problem` says what is wrong with an address or number that was tried."""

    email: str = ""
    phone: str = ""
    name: str = ""
    suits: str = ""
    problem: str = ""

    @property
    def is_reachable(self) -> bool:
        return bool(self.email or self.phone)


def find(text: str, home: str | None) -> Reached:
    """`home` is the country that a number without a country code is meant in."""
    email, rest, mail_problem = _email(text)
    phone, rest, phone_problem = _phone(rest, home)
    return Reached(
        email=email,
        phone=phone,
        name=name_in(rest, needs_words=False),
        suits=suits_in(rest),
        problem="" if email or phone else mail_problem or phone_problem,
    )


def name_in(text: str, *, needs_words: bool) -> str:
    """What follows "my name is", or else (unless `needs_words`) the first part that looks like a name."""
    said = _SAYS_NAME.search(text)
    found = (said[1] or said[2] or said[3]) if said else ""
    if found and not _is_something_else(found):
        return _as_name(found)
    if needs_words:
        return ""
    return next((name for part in _SEPARATORS.split(text) if (name := _as_name(part))), "")


def suits_in(text: str) -> str:
    """The parts that speak of a day or an hour, as they were written."""
    parts = [part.strip(" .!") for part in _SEPARATORS.split(text)]
    said = [part for part in parts if part and _speaks_of_time(part)]
    return ", ".join(said)[:MAX_SUITS]


def _email(text: str) -> tuple[str, str, str]:
    """With the text without it, and what is wrong with one that is none."""
    problem = ""
    for match in _MAIL.finditer(text):
        word = match[0].strip(".!?'’‘*_")
        try:
            return emails.normal(word), _without(text, match), ""
        except emails.NotEmail as wrong:
            problem = str(wrong)
    return "", text, problem


def _phone(text: str, home: str | None) -> tuple[str, str, str]:
    problem = ""
    for match in _RUN.finditer(text):
        if sum(each.isdecimal() for each in match[0]) < LEAST_DIGITS:
            continue
        try:
            return phones.normal(match[0], home), _without(text, match), ""
        except phones.NotPhone as wrong:
            problem = str(wrong)
    return "", text, problem


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]},{text[match.end() :]}"


def _as_name(part: str) -> str:
    """Empty when it isn't one."""
    words = part.strip(" .!").split()
    if not 0 < len(words) <= MAX_NAME_WORDS or any(each.isdigit() for each in part):
        return ""
    if "?" in part or part.strip().lower() in _LEFT_ALONE or _is_something_else(part):
        return ""
    try:
        return names.normal(" ".join(words))
    except names.NotName:
        return ""


def _is_something_else(part: str) -> bool:
    return _speaks_of_time(part) or not _NO_NAME.isdisjoint(map(fold, words(part)))


def _speaks_of_time(part: str) -> bool:
    from app.lib import times_said  # its tables are rarely needed

    return times_said.speaks(part)
