"""A message that is nothing but yes, no or “I see”: what it means depends on what was said before."""

import re

_END = r"[\s!¡.,:;)]*"
_EMOJI = r"(?:[\U0001F300-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]\s*)"
_PLEASE = r"(?:[ ,]+(?:please|thanks|thank you|bitte|danke|por favor|gracias|s'il vous pla[iî]t|merci|per favore|grazie|obrigad[oa]))?"
_YES = (
    r"yes|yeah|yep|yup|yes i (?:do|would)|sure|of course|i do|ja|gern(?:e)?|s[ií]|claro|oui|volontiers|sì|certo|sim|pode ser"
    r"|हाँ|हां|जी हाँ|نعم|أجل"
)
_NO = r"no|nope|nah|not now|no need|nein|n[aã]o|non|नहीं|لا"
_I_SEE = (
    r"(?:oh |ah )?(?:ok(?:ay)?|kk?|all ?right|alright|great|perfect|cool|good|fine|nice|lovely|super|wonderful|brilliant)"
    r"(?:[ ,]+(?:great|good|perfect|cool|then))?"
    r"|got it|i see|understood|noted|will do|alles klar|verstanden|in ordnung|prima|passt|vale|entendido|de acuerdo|perfecto"
    r"|d['’]accord|entendu|parfait|va bene|capito|perfetto|d'accordo|t[aá] bom|certo|entendi|perfeito"
    r"|ठीक है|अच्छा|حسن[اً]*|تمام"
)
_KINDS = [
    (kind, re.compile(rf"(?:{words}){_PLEASE}{_END}{_EMOJI}*", re.I))
    for kind, words in (("yes", _YES), ("no", _NO), ("seen", _I_SEE), ("seen", rf"{_EMOJI}+"))
]
MAX_CHARACTERS = 60


def meant_by(text: str) -> str:
    """yes, no, seen; "" for everything that says more."""
    text = text.strip()
    if not text or len(text) > MAX_CHARACTERS:
        return ""
    return next((kind for kind, words in _KINDS if words.fullmatch(text)), "")
