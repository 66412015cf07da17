"""Which messages say that somebody wants no more messages, or wants them again.

The whole message must say it, whatever its case, accents and punctuation: “Stop!” and “please stop” do,
“please stop by tomorrow” doesn't.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from app.lib.words import fold

MAX_CHARACTERS = 60  # nobody says it in more

# What is meant: "out" no offers and news, "never" no contact at all, "in" offers and news, "back" is "in" when
# somebody who was out says it and plain talk otherwise, "help" what a carrier wants answered.
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "out": "stop|unsubscribe|opt out|optout|unsub|stop promotions|stop promotion|stop offers|stop marketing|"
        "stop ads|stop promos|stop messages|stop sending me messages|stop sending messages|stop sending me offers|"
        "stop texting me|stop texting|stop messaging me|no more messages|no more offers|no more promotions|"
        "no more ads|no promotions|remove me|take me off your list|take me off the list|remove me from your list|"
        "unsubscribe me|i want to unsubscribe|opt me out",
        "never": "stop all|stopall|stop contacting me|do not contact me|dont contact me|never contact me|"
        "do not contact me again|dont contact me again|never contact me again|do not message me|dont message me|"
        "do not text me|dont text me|leave me alone",
        "in": "subscribe|unstop|opt in|optin|start promotions|resume promotions|subscribe me|resubscribe",
        "back": "start|resume|begin|continue",
        "help": "help|info",
    },
    "es": {
        "out": "baja|darme de baja|dame de baja|dar de baja|de baja|quiero darme de baja|"
        "desuscribir|desuscribirme|parar|pare|detener|no mas mensajes|no mas publicidad|no mas promociones|"
        "no quiero publicidad|no quiero mas mensajes|parar promociones",
        "never": "no me contacten|no me contactes|no me contacten mas|no me escriban|no me escriban mas|parar todo",
        "in": "suscribir|suscribirme|suscribeme|quiero suscribirme|reanudar promociones",
        "back": "alta|iniciar|reanudar|empezar|comenzar",
        "help": "ayuda",
    },
    "pt": {
        "out": "pare|parar|sair|descadastrar|me descadastre|descadastre me|"
        "me remova|parar promocoes|pare de enviar mensagens|nao quero mais mensagens|sem promocoes|"
        "nao quero receber promocoes|nao quero receber mensagens",
        "never": "nao me contacte|nao me contate|nao entre em contato|nao me mande mais mensagens|parar tudo",
        "in": "inscrever|inscrever me|me inscreva|quero receber promocoes|receber promocoes",
        "back": "iniciar|comecar|voltar|retomar",
        "help": "ajuda",
    },
    "fr": {
        "out": "arret|arreter|arretez|stop pub|stop promo|stop promos|stop publicite|stop sms|desabonner|"
        "desabonnement|me desabonner|desabonnez moi|desinscription|me desinscrire|desinscrire|plus de pub|"
        "plus de publicite|plus de messages|je veux me desabonner",
        "never": "ne me contactez plus|ne m’ecrivez plus|ne me contacte plus|arretez tout",
        "in": "abonner|m’abonner|abonnez moi|je m’abonne|m’inscrire",
        "back": "demarrer|reprendre|commencer",
        "help": "aide",
    },
    "de": {
        "out": "abmelden|abbestellen|stopp|austragen|keine werbung|keine werbung mehr|keine nachrichten mehr|"
        "stopp werbung|stop werbung|werbung stoppen|mich abmelden|bitte abmelden|newsletter abbestellen|"
        "keine angebote mehr|abmeldung",
        "never": "kontaktieren sie mich nicht|kontaktieren sie mich nicht mehr|schreiben sie mir nicht mehr|"
        "nicht mehr kontaktieren|schreibt mir nicht mehr|keinen kontakt mehr",
        "in": "abonnieren|newsletter abonnieren|werbung ja|angebote ja",
        "back": "anmelden|starten|weiter|fortsetzen",
        "help": "hilfe",
    },
    "it": {
        "out": "cancellami|disiscrivimi|disiscrivermi|disiscriviti|disiscrizione|"
        "basta pubblicita|basta messaggi|basta promozioni|fermare|ferma|smettere|smettila|"
        "stop pubblicita|non voglio piu messaggi|niente pubblicita|rimuovimi",
        "never": "non contattatemi|non contattarmi|non contattatemi piu|non scrivetemi piu|non mi contattate piu",
        "in": "iscrivimi|iscrivermi|voglio iscrivermi|attiva promozioni",
        "back": "avvia|inizia|riprendi|continua",
        "help": "aiuto",
    },
    "nl": {
        "out": "afmelden|uitschrijven|stop reclame|geen reclame|geen reclame meer|geen berichten meer|"
        "geen aanbiedingen meer|schrijf me uit|meld me af|stoppen|stop aanbiedingen",
        "never": "neem geen contact meer op|geen contact meer|stuur me niets meer|niet meer contacteren",
        "in": "inschrijven|schrijf me in|aanbiedingen aan|abonneren",
        "back": "aanmelden|starten|beginnen|hervatten",
        "help": "hulp",
    },
    "hi": {
        "out": "रोकें|रोको|रोक दो|बंद करें|बंद करो|बंद कर दो|अनसब्सक्राइब|"
        "प्रचार बंद करें|विज्ञापन बंद करें|संदेश बंद करें|मैसेज बंद करो|मैसेज मत भेजो|संदेश न भेजें|स्टॉप",
        "never": "मुझसे संपर्क न करें|मुझसे संपर्क मत करो|मुझे संपर्क न करें|सब बंद करो|सब बंद करें",
        "in": "सदस्यता लें|सदस्य बनें|सब्सक्राइब",
        "back": "शुरू|शुरू करें|शुरू करो|फिर से शुरू करें|स्टार्ट",
        "help": "मदद|सहायता",
    },
    "ar": {
        "out": "توقف|ايقاف|اوقف|قف|الغاء الاشتراك|الغ الاشتراك|اوقفوا الرسائل|لا اريد رسائل|لا اريد اعلانات|"
        "ايقاف الاعلانات|ايقاف الرسائل|ايقاف العروض|اوقف الرسائل",
        "never": "لا تتصلوا بي|لا تتواصلوا معي|لا تراسلوني|لا تراسلني|لا تتواصل معي",
        "in": "اشترك|اشتراك|اريد الاشتراك",
        "back": "ابدا|استئناف|بدء|استمرار",
        "help": "مساعده",
    },
}  # fmt: skip
# What carriers act upon by themselves: of a text message it ends, or begins, everything.
CARRIER_STOP = {"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"}
CARRIER_START = {"start", "yes", "unstop"}
CARRIER_HELP = {"help", "info"}

_POLITE = (
    "please pls plz thanks thank you por favor gracias obrigado obrigada merci svp sil vous te plait bitte danke "
    "per favore grazie alsjeblieft aub bedankt कृपया धन्यवाद من فضلك شكرا"
)
_NOT_WORDS = re.compile(r"[^\w\u0900-\u0903\u093a-\u094f\u0951-\u0957]+|_+")
_APOSTROPHES = re.compile("['’‘`´]")
_ARABIC_SIGNS = re.compile("[\u064b-\u065f\u0670\u0640]")
_ARABIC_FORMS = str.maketrans("أإآٱىة", "اااايه")


@dataclass(frozen=True, slots=True)
class Said:
    means: str  # out, never, in, back, help
    language: str


def read(text: str) -> Said | None:
    """None for everything that isn't such a message as a whole."""
    if len(text) > MAX_CHARACTERS:
        return None
    whole = normal(text)
    return _meanings().get(whole) or _meanings().get(_without_politeness(whole))


def normal(text: str) -> str:
    """Its words alone: small, without accents, punctuation and pictures."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _APOSTROPHES.sub("", text)
    text = _ARABIC_SIGNS.sub("", text).translate(_ARABIC_FORMS)
    return " ".join(fold(word) for word in _NOT_WORDS.sub(" ", text).split())


def _without_politeness(whole: str) -> str:
    words, polite = whole.split(), set(_POLITE.split())
    while words and words[0] in polite:
        words = words[1:]
    while words and words[-1] in polite:
        words = words[:-1]
    return " ".join(words)


@cache
def _meanings() -> dict[str, Said]:
    """A word that several languages have is the first one's."""
    found: dict[str, Said] = {}
    for language, kinds in _WORDS.items():
        for means, words in kinds.items():
            for word in words.split("|"):
                found.setdefault(normal(word), Said(means, language))
    return found
