"""Which language a text is in, as far as search needs it: for its stemmer and for its share of meaning."""

import re
import unicodedata
from collections import Counter
from enum import IntEnum

from app.lib.words import words

# Postgres has a Snowball stemmer (with stop words) for these; every other language is matched by whole words.
STEMMERS = {
    "ar": "arabic_stem",
    "hy": "armenian_stem",
    "eu": "basque_stem",
    "ca": "catalan_stem",
    "da": "danish_stem",
    "nl": "dutch_stem",
    "en": "english_stem",
    "fi": "finnish_stem",
    "fr": "french_stem",
    "de": "german_stem",
    "el": "greek_stem",
    "hi": "hindi_stem",
    "hu": "hungarian_stem",
    "id": "indonesian_stem",
    "ga": "irish_stem",
    "it": "italian_stem",
    "lt": "lithuanian_stem",
    "ne": "nepali_stem",
    "no": "norwegian_stem",
    "pt": "portuguese_stem",
    "ro": "romanian_stem",
    "ru": "russian_stem",
    "sr": "serbian_stem",
    "es": "spanish_stem",
    "sv": "swedish_stem",
    "ta": "tamil_stem",
    "tr": "turkish_stem",
    "yi": "yiddish_stem",
}

# What a customer says around the subject; no stop words of the stemmer, yet no word to find a passage by.
ASKING = frozenset(
    [
        "long",
        "much",
        "many",
        "get",
        "got",
        "want",
        "like",
        "need",
        "please",
        "may",
        "us",
        "one",
        "take",
        "make",
        "go",
        "use",
        "used",
        "possible",
        "know",
        "tell",
        "let",
        "also",
        "would",
        "could",
        "might",
        "must",
        "shall",
        "able",
        "ever",
        "still",
        "already",
        "just",
        "thing",
        "something",
        "anything",
        "way",
    ]
)

_COMMON = {
    "en": "the of and to in is are you for that it with on be we our your this can not do have at from",
    "es": "de la que el en los se del las por un para con una su al lo como más pero a y le si está",
    "fr": "de la le et les des en un une du que est dans qui pour pas sur au par plus ne vous nous avec",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es wir",
    "it": "di che e la il un per una è in non sono del con da della nel le si dei al alla come più gli",
    "pt": "de que e do da em um para é com não uma os no se na por mais a o dos como mas ao das você",
    "nl": "de van een het en in is dat op te zijn met voor niet aan er om ook als maar bij wij uw naar",
    "sv": "och i att det som en på är av för med den till inte om ett han var vi kan från eller du har",
    "da": "og i at det er en til af på for med den der de ikke som et har vi kan fra eller du din også",
    "no": "og i det er en til av på for med den som ikke de et har vi kan fra eller du din også bare",
    "fi": "ja on ei se että oli hän ovat mutta kun niin myös tai jos kuin olla voi ole mitä tämä joka",
    "pl": "i w nie na się z że do to jest jak po co tak za od ale są czy dla przez oraz może lub jego",
    "cs": "a se v na je že s z do o to jako za by pro ale po jsou od jeho které nebo při jsme má také",
    "tr": "ve bir bu da de için ile ne çok daha olarak gibi olan var en kadar ama değil sonra her mi",
    "ro": "de și în a la cu pe nu o din care că pentru este un mai se sau sunt să fi al prin după",
    "hu": "a az és hogy nem is egy van meg ez azt csak de már volt mint lehet vagy ha el még nagyon",
    "id": "yang dan di dengan untuk dari ini itu tidak ke pada adalah dalam akan atau bisa kami anda",
    "ca": "de la i el que a en les els per un una del amb és no al dels es com més pel però són",
    "vi": "là và của có không cho một trong được với các người này những để khi đã từ đến tại",
}
_LETTERS = {
    "es": "ñ¿¡áíóú",
    "fr": "àâçèéêîôùûœ",
    "de": "äöüß",
    "it": "àèìòù",
    "pt": "ãõçâêáé",
    "sv": "åäö",
    "da": "æøå",
    "no": "æøå",
    "fi": "äö",
    "pl": "ąćęłńśźż",
    "cs": "ěščřžůýáí",
    "tr": "ğışçü",
    "ro": "ăâîșț",
    "hu": "őűáé",
    "ca": "çàèò",
    "vi": "ạảấầậếềệịọốồộớờợụứừ",
}
_PROFILES = {code: frozenset(text.split()) for code, text in _COMMON.items()}
_SCRIPTS = {
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "TAMIL": "ta",
    "BENGALI": "bn",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
}
# Letters that one language of a script has and its usual one lacks.
_TELLTALES = (("uk", "іїєґ"), ("sr", "ђљњћџ"), ("fa", "پچژگ"), ("ur", "ٹڈڑے"))
SAMPLE = 4000  # characters are plenty to tell


class Reading(IntEnum):
    """How far the English embedding model understands a text."""

    ENGLISH = 0
    LATIN = 1
    NONE = 2


def detect(text: str, declared: str = "") -> str:
    """An ISO 639-1 code. What a file declares decides only where the text itself is unclear."""
    sample = text[:SAMPLE]
    script = main_script(sample)
    if script and script != "LATIN":
        return _by_letters(sample, _SCRIPTS.get(script, declared or "und"))
    return _by_common_words(sample, declared)


def reading(text: str, language: str) -> Reading:
    if main_script(text[:SAMPLE]) not in ("LATIN", ""):
        return Reading.NONE
    return Reading.ENGLISH if language == "en" else Reading.LATIN


def main_script(text: str) -> str:
    """LATIN, CYRILLIC, CJK …, the most frequent one; "" without letters. Any kana makes it Japanese."""
    counts = Counter(_script(letter) for letter in text if letter.isalpha())
    if counts["HIRAGANA"] + counts["KATAKANA"] > counts["CJK"] / 10:
        counts["HIRAGANA"] += counts.pop("CJK", 0)
    return counts.most_common(1)[0][0] if counts else ""


def stemmer(language: str) -> str:
    return STEMMERS.get(language, "simple")


def _script(letter: str) -> str:
    return "LATIN" if letter.isascii() else unicodedata.name(letter, "").partition(" ")[0]


def _by_letters(text: str, usual: str) -> str:
    for code, letters in _TELLTALES:
        if re.search(f"[{letters}]", text) and _same_script(code, usual):
            return code
    return usual


def _same_script(code: str, usual: str) -> bool:
    return usual == ("ru" if code in ("uk", "sr") else "ar")


def _by_common_words(text: str, declared: str) -> str:
    found = words(text)
    letters = Counter(text.lower())
    scores = {
        code: sum(word in known for word in found) + _letters_score(code, letters)
        for code, known in _PROFILES.items()
    }
    best = max(scores, key=lambda code: (scores[code], code == declared, code == "en"))
    if scores[best] < 2:  # a price list or a name: its words say nothing
        return declared or "en"
    return best


def _letters_score(code: str, letters: Counter[str]) -> float:
    """At most two words' worth, or a page about Mr. Müller would be German."""
    return min(2.0, sum(letters[letter] for letter in _LETTERS.get(code, "")) / 2)
