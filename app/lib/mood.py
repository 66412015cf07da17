"""How a visitor sounds: happy, neutral, unhappy or angry, in English, Spanish, German, French and Portuguese.

Anger calls a person, so it is believed only where the words leave no doubt; what is unclear is unhappy or neutral.
"""

import re
import unicodedata
from collections.abc import Iterable

from app.lib.words import fold

MOODS = ("happy", "neutral", "unhappy", "angry")


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


_VERY = r"(?:(?:so|very|really|absolutely|totally|utterly|beyond|extremely|bloody|f\w*ing|getting|just|pretty) ){0,2}"
_FIRMLY = r"(?:(?:just|simply|absolutely|totally|completely|utterly|so|really|beyond) ){0,2}"

# All of these without accents and in lower case, as _plain() writes them.
_ANGRY = _any(
    # English
    rf"(?:i am|i'?m|we are|we'?re|made me|makes me) (?!not ){_VERY}(?:angry|furious|livid|fuming|outraged|pissed off|enraged)",
    rf"(?:this|that|it)(?: is|'?s) {_FIRMLY}(?:outrageous|unacceptable|disgraceful|disgusting behaviou?r|ridiculous(?! how)|a disgrace|a (?:bad |sick )?joke|a scam|bull ?shit|appalling|pathetic)",
    r"absolutely (?:unacceptable|disgraceful|ridiculous|appalling|disgusted)",
    r"(?:utterly|completely|totally) (?:unacceptable|disgraceful|useless|incompetent)",
    r"(?:fed up|sick and tired|sick to death) (?:with|of) (?:you|this|your|waiting|being)",
    r"(?:worst|most useless) (?:service|company|shop|customer service|experience|place|support)(?: i(?:'?ve| have)? ever)?",
    r"how dare you", r"you(?: are|'?re| people are| lot are) (?:(?:all|so|just|completely|totally|absolutely|utterly|a|an|bloody|f\w*ing|a bunch of) ){0,2}(?:useless|incompetent|idiots?|scammers?|thieves|crooks|liars?|joke(?! \w)|pathetic)",
    r"(?:you )?(?:ripped|rip|ripping) (?:me|us|people) off", r"what the (?:hell|f\w*ck)", r"wtf", r"bull ?shit", r"f\w{0,2}ck (?:you|off|this)",
    r"(?:stop|quit) wasting my time", r"i(?:'?ll| will| am going to|'?m going to) (?:sue|report) you", r"(?:hear|hearing) from my (?:lawyer|solicitor)",
    # Spanish
    r"(?<!no )(?:estoy|estamos|me tienen?) (?:muy |tan |super |realmente |totalmente |completamente )?(?:enfadad[oa]s?|enojad[oa]s?|furios[oa]s?|indignad[oa]s?|cabread[oa]s?|hart[oa]s?)",
    r"(?:esto |eso )?es (?:una verguenza|un escandalo|inaceptable|intolerable|indignante|una estafa|una tomadura de pelo|una porquer\w+|una mierda)",
    r"(?:el )?peor servicio", r"(?:sois|son|eres|es usted) (?:unos |un |una )?(?:inutil(?:es)?|incompetentes?|estafador(?:es)?|ladron(?:es)?|mentiros[oa]s?|sinverguenzas?)",
    r"que verguenza(?! (?:tengo|me))", r"vaya mierda", r"a la mierda", r"(?:les|os|los) voy a denunciar", r"una falta de respeto",
    # German
    r"(?:ich bin|wir sind|bin) (?!nicht )(?:(?:so|sehr|echt|wirklich|richtig|total|stink|mehr als|langsam|ziemlich) ){0,2}(?:wutend|sauer|stinksauer|zornig|emport|verargert|aufgebracht)",
    r"(?:das|es|so was|sowas) ist (?:(?:doch|ja|echt|einfach|wirklich|absolut|vollig|total|eine?) ){0,3}(?:unverschamt(?:heit)?|frechheit|unverschamtheit|inakzeptabel|unmoglich von \w+|sauerei|schweinerei|abzocke|betrug|skandal|saftladen|scheisse)",
    r"(?:eine|so eine|was fur eine) (?:frechheit|unverschamtheit|sauerei|schweinerei|abzocke)", r"(?:der |euer |ihr )?schlechteste[rn]? (?:service|laden|kundendienst|firma)",
    r"(?:ihr seid|sie sind|du bist) (?:(?:ja|doch|echt|alle|so|vollig|total) ){0,2}(?:unfahig|nutzlos|betruger|idioten?|unverschamt|inkompetent)", r"saftladen",
    r"(?:mir|jetzt) reicht(?:'?s| es)(?: jetzt)?", r"(?:ich habe?|hab) (?:(?:die )?(?:schnauze|nase) (?:gestrichen )?voll|es satt)", r"(?:verarscht|verarschen) (?:ihr|sie) mich", r"zum kotzen", r"ich zeige (?:sie|euch) an",
    # French
    r"(?:je suis|on est|nous sommes) (?:(?:tres|vraiment|tellement|completement|super) )?(?:furieu(?:x|se)|en colere|enerve(?:e|s|es)?|indigne(?:e|s|es)?|scandalise(?:e|s|es)?|hors de moi)",
    r"c'?est (?:(?:vraiment|tout simplement|absolument|franchement|completement|un|une|du|de l'|carrement) ?){0,2}(?:honte(?:ux)?|scandale(?:ux)?|inadmissible|inacceptable|intolerable|arnaque|n'importe quoi|foutage de gueule)",
    r"quelle honte", r"(?:le )?pire service", r"(?:vous etes|t'es|tu es) (?:(?:vraiment|tous|completement|des|un|une) ){0,2}(?:nuls?|incompetents?|inutiles?|voleurs?|escrocs?|menteurs?)",
    r"(?:j'en ai|on en a|y en a) (?:marre|ras le bol|plein le cul|assez de vous)", r"ras le bol", r"vous vous (?:moquez|foutez) de (?:moi|nous|qui)", r"je vais porter plainte", r"bande d'?(?:incapables|escrocs|voleurs)",
    # Portuguese
    r"(?<!nao )(?:estou|estamos|fiquei) (?:(?:muito|tao|realmente|completamente|super) )?(?:furios[oa]s?|com raiva|irritad[oa]s?|indignad[oa]s?|revoltad[oa]s?|zangad[oa]s?|puto|puta|fart[oa]s?)",
    r"(?:isto |isso )?e (?:(?:um|uma|simplesmente|absolutamente|totalmente|muita) ){0,2}(?:vergonha|absurdo|inaceitavel|inadmissivel|palhacada|roubo|golpe|desrespeito|ridiculo|merda|falta de respeito)",
    r"que (?:vergonha|absurdo|palhacada|merda|falta de respeito)", r"(?:o )?pior (?:servico|atendimento)", r"(?:voces|vcs) sao (?:(?:uns|umas|todos|muito) ){0,2}(?:inuteis|incompetentes|ladroes|mentirosos|golpistas|palhacos)", r"vou (?:processar|denunciar) voces",
)  # fmt: skip
_UNHAPPY = _any(
    r"(?:very |so |really |quite |bit |rather )?(?:disappoint(?:ed|ing)|upset|unhappy|frustrat(?:ed|ing)|annoy(?:ed|ing)|dissatisfied|displeased|let down)",
    r"complain(?:t|ts|ing)?", r"not (?:very |at all |really )?(?:happy|good enough|acceptable|satisfied|helpful|impressed)", r"(?:no|any) use", r"useless", r"unhelpful",
    r"(?:terrible|awful|horrible|dreadful|appalling|disgusting|rubbish|poor|bad) (?:service|experience|quality|food|job|work|customer service|attitude)",
    r"(?:never|still not|still hasn'?t|still haven'?t|hasn'?t|haven'?t|has not|have not|didn'?t|did not|still waiting (?:for|on)|not) (?:arrived?|received?|turn(?:ed)? up|show(?:ed)? up|heard back|come)",
    r"(?:no ?one|nobody)(?: ever)? (?:answers?|answered|replie[sd]|called|calls|came|picks up|helped|turned up)", r"(?:waste of (?:time|money)|overcharged|ruined|rip.?off|ridiculous|unacceptable|damaged|doesn'?t work|does not work|not working|stopped working|arrived broken)", r"thanks for nothing", r"wrong (?:order|item|size|colou?r|one)", r"(?:is|was|very|so) (?:angry|furious)",
    r"(?:muy |bastante )?(?:decepcionad[oa]s?|descontent[oa]s?|molest[oa]s?|disgustad[oa]s?|insatisfech[oa]s?|enfadad[oa]s?|enojad[oa]s?)", r"queja(?:rme|s)?", r"reclamacion(?:es)?", r"no (?:ha llegado|llego|funciona|sirve|me contestan|me han contestado|contesta nadie|estoy content[oa])", r"nadie (?:contesta|responde|me ha llamado|atiende|vino)", r"(?:mal|pesimo|horrible|terrible) (?:servicio|trato|calidad|experiencia)", r"llego rot[oa]", r"inaceptable",
    r"(?:sehr |echt |total |ziemlich )?(?:enttauscht|unzufrieden|verargert|frustriert|genervt)", r"beschwer(?:de|en|den)", r"(?:nicht|nie|noch nicht|immer noch nicht) (?:angekommen|geliefert|erhalten|bekommen|gekommen|zufrieden)", r"funktioniert (?:\w+ )?nicht", r"niemand (?:\w+ )?(?:antwortet|meldet sich|gekommen|geht ran)", r"(?:schlechter?|schlechte|miese[rn]?|furchtbare?[rn]?) (?:service|qualitat|erfahrung|arbeit|beratung)", r"kaputt(?:e[snrm]?)? (?:angekommen|geliefert|erhalten)", r"(?:falsche?[snrm]?) (?:ware|artikel|grosse|bestellung)", r"unverschamt", r"frechheit",
    r"(?:tres |vraiment |assez )?(?:decu(?:e|s|es)?|mecontent(?:e|s|es)?|insatisfait(?:e|s|es)?|frustre(?:e|s|es)?|fache(?:e|s|es)?|furieu(?:x|se))", r"plainte", r"reclamation", r"(?:pas|jamais) (?:arrivee?|recue?s?|livree?s?|contente?|satisfaite?)", r"ne (?:marche|fonctionne) (?:pas|plus)", r"personne (?:ne )?(?:repond|m'a rappele|m'a repondu|n'a repondu)", r"(?:mauvais|mauvaise|horrible|nul) (?:service|accueil|qualite|experience)", r"inadmissible", r"inacceptable",
    r"(?:muito |bastante )?(?:decepcionad[oa]s?|desapontad[oa]s?|insatisfeit[oa]s?|chatead[oa]s?|frustrad[oa]s?|irritad[oa]s?)", r"reclama(?:cao|coes|r)", r"nao (?:chegou|recebi|funciona|estou satisfeit[oa]|respondem|responderam)", r"ninguem (?:responde|atende|respondeu|me ligou|veio)", r"(?:pessimo|mau|horrivel|ruim) (?:servico|atendimento|qualidade|experiencia)", r"(?:servico|atendimento) (?:pessimo|horrivel|ruim)", r"veio quebrad[oa]", r"inaceitavel",
)  # fmt: skip
_HAPPY = _any(
    r"(?<!no )(?<!no, )thank(?:s| you)(?! for nothing)(?! anyway)", r"(?:that'?s |that is )?(?:great|perfect|brilliant|wonderful|fantastic|excellent|amazing|awesome|lovely|superb)", r"(?:very |really |so )?(?<!not )(?:helpful|happy with)", r"love (?:it|this|your|you)", r"cheers", r"appreciate (?:it|that|your)", r"you(?: are|'?re) (?:great|the best|amazing)",
    r"(?:muchas |mil )?gracias", r"perfecto", r"genial", r"estupendo", r"excelente", r"maravillos[oa]", r"encantad[oa]", r"fenomenal",
    r"(?<!nein )(?<!nein, )(?:vielen |herzlichen |besten |tausend )?dank(?:e|eschon)?", r"perfekt", r"(?:super|toll|klasse|wunderbar|prima|grossartig|ausgezeichnet)",
    r"merci(?: beaucoup| bien)?", r"parfait", r"geniale?", r"formidable", r"impeccable", r"super sympa",
    r"(?:muito )?obrigad[oa]", r"perfeito", r"otim[oa]", r"excelente", r"maravilh(?:a|os[oa])", r"adorei",
)  # fmt: skip

_SHOUTED_LETTERS = 12  # in capitals; fewer are an order number or a name
_SHOUTED_SHARE = 0.8


def is_angry(text: str) -> bool:
    """Sure of it: the words say so, or an unhappy message is shouted."""
    plain = _plain(text)
    if _ANGRY.search(plain):
        return True
    return bool(_UNHAPPY.search(plain)) and _is_shouted(text)


def mood_of(text: str) -> str:
    """Of one message: one of MOODS."""
    if is_angry(text):
        return "angry"
    plain = _plain(text)
    if _UNHAPPY.search(plain):
        return "unhappy"
    return "happy" if _HAPPY.search(plain) else "neutral"


def last_mood(texts: Iterable[str]) -> str:
    """Of a visitor's messages, oldest first: the last that shows one decides."""
    shown = [mood for mood in map(mood_of, texts) if mood != "neutral"]
    return shown[-1] if shown else "neutral"


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("ß", "ss")
    return " ".join(fold(text).split())


def _is_shouted(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    return len(letters) >= _SHOUTED_LETTERS and capitals >= _SHOUTED_SHARE * len(letters)
