"""The languages that WhatsApp has templates in, by its codes. Babel knows what others call them."""

from babel import Locale

from app.core.translating import ENGLISH, language
from app.lib.words import fold

LANGUAGES = {
    "af": "Afrikaans", "sq": "Albanian", "ar": "Arabic", "ar_EG": "Arabic (Egypt)",
    "ar_AE": "Arabic (Emirates)", "ar_LB": "Arabic (Lebanon)", "ar_MA": "Arabic (Morocco)",
    "ar_QA": "Arabic (Qatar)", "ar_SA": "Arabic (Saudi Arabia)", "az": "Azerbaijani", "bn": "Bengali",
    "bg": "Bulgarian", "ca": "Catalan", "zh_CN": "Chinese (China)", "zh_HK": "Chinese (Hong Kong)",
    "zh_TW": "Chinese (Taiwan)", "hr": "Croatian", "cs": "Czech", "da": "Danish", "nl": "Dutch",
    "en": "English", "en_AU": "English (Australia)", "en_CA": "English (Canada)",
    "en_IN": "English (India)", "en_GB": "English (UK)", "en_US": "English (US)", "et": "Estonian",
    "fil": "Filipino", "fi": "Finnish", "fr": "French", "fr_BE": "French (Belgium)",
    "fr_CA": "French (Canada)", "ka": "Georgian", "de": "German", "el": "Greek", "gu": "Gujarati",
    "ha": "Hausa", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "ga": "Irish",
    "it": "Italian", "ja": "Japanese", "kn": "Kannada", "kk": "Kazakh", "rw_RW": "Kinyarwanda",
    "ko": "Korean", "ky_KG": "Kyrgyz", "lo": "Lao", "lv": "Latvian", "lt": "Lithuanian",
    "mk": "Macedonian", "ms": "Malay", "ml": "Malayalam", "mr": "Marathi", "nb": "Norwegian",
    "fa": "Persian", "pl": "Polish", "pt_BR": "Portuguese (Brazil)", "pt_PT": "Portuguese (Portugal)",
    "pa": "Punjabi", "ro": "Romanian", "ru": "Russian", "sr": "Serbian", "sk": "Slovak",
    "sl": "Slovenian", "es": "Spanish", "es_AR": "Spanish (Argentina)", "es_CL": "Spanish (Chile)",
    "es_CO": "Spanish (Colombia)", "es_MX": "Spanish (Mexico)", "es_PE": "Spanish (Peru)",
    "es_ES": "Spanish (Spain)", "es_VE": "Spanish (Venezuela)", "sw": "Swahili", "sv": "Swedish",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
    "uz": "Uzbek", "vi": "Vietnamese", "zu": "Zulu",
}  # fmt: skip
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


def name_of(code: str) -> str:
    """“Portuguese (Brazil)”, “Portugués (Brasil)”: in the language that is spoken."""
    if language() == ENGLISH:
        return LANGUAGES.get(code, code)
    spoken = Locale.parse(language())
    name, _, place = code.partition("_")
    said = spoken.languages.get(name, code)
    where = f" ({spoken.territories.get(place, place)})" if place else ""
    return f"{said[:1].upper()}{said[1:]}{where}"


def place_of(code: str) -> str:
    """“United Kingdom”, “Reino Unido”"""
    return str(Locale.parse(language()).territories.get(code, code))


def choices() -> list[tuple[str, str]]:
    """Code and name, by name."""
    return sorted(((code, name_of(code)) for code in LANGUAGES), key=lambda each: fold(each[1]))


def is_right_to_left(code: str) -> bool:
    return code.partition("_")[0] in RIGHT_TO_LEFT
