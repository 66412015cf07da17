"""When something suits somebody, as they write it in the chat's seven languages: "tomorrow at 9", "mañana por la tarde",
"ab 17 Uhr", "कल सुबह 9 बजे", "غدًا الساعة ٩". What they wrote is kept; this says only whether it speaks of a time at all, and
whether it has to be asked again.

Ours, as dates_said.py is. An hour without morning or evening may be either. Numbers in words count beside their
"o'clock". Tables are written as people write and compared without accents, with any digits.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.lib import dates_said
from app.lib.words import fold, words

PAST, NO_DAY = "past", "no_day"  # what is odd about a time

_MARKS = re.compile("[\u064b-\u065f\u0670\u0640]")  # of Arabic, which most leave out
_ARABIC = str.maketrans("أإآىة", "اااي" + "ه")


def _plain(text: str) -> str:
    """Its words between spaces."""
    text = "".join(str(unicodedata.decimal(each, each)) for each in text)
    text = _MARKS.sub("", text).translate(_ARABIC).replace("’", "'")
    return f" {' '.join(fold(word) for word in words(text))} "


def _one_of(phrases: str | dict[str, int]) -> str:
    """Phrases are separated by commas; the longest counts."""
    listed = phrases if isinstance(phrases, dict) else phrases.split(",")
    plain = {_plain(each).strip() for each in listed}
    return "|".join(map(re.escape, sorted(plain, key=len, reverse=True)))


def _table(**lines: str) -> dict[str, int]:
    """By offset: `m1` is -1."""
    return {
        _plain(phrase).strip(): int(name[1:]) * (-1 if name[0] == "m" else 1)
        for name, phrases in lines.items()
        for phrase in phrases.split(",")
    }


# fmt: off
_DAYS = _table(
    p0="today,tonight,this morning,this afternoon,this evening,hoy,esta mañana,esta tarde,esta noche,hoje,aujourd'hui,ce matin,"
       "cet après-midi,ce soir,heute,आज,aaj,اليوم,الليلة,هذا المساء",
    p1="tomorrow,amanhã,demain,कल,kal,غدا,غد,بكرة,بكرا",
    p2="day after tomorrow,pasado mañana,depois de amanhã,après-demain,übermorgen,uebermorgen,परसों,parso,parson,بعد غد,بعد بكرة",
    m1="yesterday,last night,ayer,anoche,ontem,hier,gestern,बीते कल,बीता कल,أمس,امبارح,البارحة",
    m2="anteayer,anteontem,avant-hier,vorgestern",
)
_TWO_MEANINGS = {"manana": r"(?<! la )(?<! esta )(?<! pasado )manana", "morgen": r"(?<! am )(?<! guten )(?<! jeden )morgen"}
_WEEKDAYS = (
    "monday,mon,lunes,segunda,segunda-feira,lundi,montag,सोमवार,somvar,الاثنين,الإثنين,الاتنين",
    "tuesday,tue,martes,terça,terça-feira,mardi,dienstag,मंगलवार,mangalvar,الثلاثاء",
    "wednesday,wed,miércoles,quarta,quarta-feira,mercredi,mittwoch,बुधवार,budhvar,الأربعاء",
    "thursday,thu,jueves,quinta,quinta-feira,jeudi,donnerstag,गुरुवार,गुरूवार,बृहस्पतिवार,वीरवार,guruvar,الخميس",
    "friday,fri,viernes,sexta,sexta-feira,vendredi,freitag,शुक्रवार,shukravar,الجمعة",
    "saturday,sat,sábado,samedi,samstag,sonnabend,शनिवार,shanivar,السبت",
    "sunday,sun,domingo,dimanche,sonntag,रविवार,इतवार,ravivar,itvar,الأحد",
)
_MONTHS = ("जनवरी,फ़रवरी,फरवरी,मार्च,अप्रैल,मई,जून,जुलाई,अगस्त,सितंबर,सितम्बर,अक्टूबर,अक्तूबर,नवंबर,नवम्बर,दिसंबर,दिसम्बर,"
           "يناير,فبراير,مارس,أبريل,إبريل,مايو,يونيو,يوليو,أغسطس,سبتمبر,أكتوبر,نوفمبر,ديسمبر")
# The hour at which each is over.
_PERIODS = {
    12: "morning,mornings,mañana,de mañana,manhã,matin,matinée,morgens,am morgen,vormittag,vormittags,früh,सुबह,subah,صباحا,الصباح,"
        "صباح",
    15: "noon,midday,lunchtime,lunch time,mediodía,meio-dia,midi,mittag,mittags,दोपहर,dopahar,ظهرا,الظهر",
    18: "afternoon,afternoons,tarde,tardes,après-midi,nachmittag,nachmittags,दोपहर बाद,दोपहर के बाद,بعد الظهر,عصرا,العصر",
    24: "evening,evenings,night,nights,tonight,noche,noches,noite,soir,soirée,abend,abends,nacht,शाम,shaam,sham,रात,raat,مساء,المساء,ليلا,الليل",
}
_ANY = ("whenever,any time,anytime,asap,as soon as possible,any day,every day,daily,weekend,weekends,weekday,weekdays,week,now,later,"
        "cuando quiera,cuando sea,cualquier momento,cualquier día,cuanto antes,lo antes posible,todos los días,fin de semana,semana,ahora,"
        "qualquer hora,qualquer momento,quando quiser,quanto antes,todos os dias,fim de semana,agora,"
        "n'importe quand,quand vous voulez,dès que possible,le plus tôt possible,tous les jours,week-end,semaine,maintenant,"
        "jederzeit,egal wann,so bald wie möglich,sobald wie möglich,so schnell wie möglich,täglich,jeden tag,wochenende,werktags,woche,jetzt,"
        "sofort,कभी भी,किसी भी समय,किसी भी दिन,जल्द से जल्द,हर दिन,रोज़,सप्ताहांत,हफ़्ते,अभी,kabhi bhi,"
        "أي وقت,أي يوم,أقرب وقت,أسرع وقت,كل يوم,نهاية الأسبوع,الأسبوع,الآن")
# A moment: "at 9". A span: "after 9".
_AT = "at,around,about,a las,a la,sobre las,às,as,pelas,um,gegen,ca,الساعة,الساعه,at about"
_SPAN = ("after,before,from,until,till,by,between,después de las,antes de las,desde las,hasta las,entre las,a partir de las,de las,"
         "depois das,antes das,a partir das,até às,até as,entre as,das,après,avant,à partir de,jusqu'à,entre,dès,de,nach,vor,ab,bis,"
         "zwischen,von,بعد,قبل,من,حتى,بعد الساعة,قبل الساعة,من الساعة,حتى الساعة,بين الساعة")
_SPAN_AFTER = "के बाद,से पहले,से,तक,ke baad,se pehle"
_CLOCK = "o'clock,uhr,h,hs,heure,heures,horas,hora,बजे,baje"
_NUMBERS = (
    "one,una,uma,une,eins,ein,एक,الواحدة", "two,dos,duas,deux,zwei,दो,الثانية", "three,tres,três,trois,drei,तीन,الثالثة",
    "four,cuatro,quatro,quatre,vier,चार,الرابعة", "five,cinco,cinq,fünf,पाँच,पांच,الخامسة", "six,seis,sechs,छह,छः,السادسة",
    "seven,siete,sete,sept,sieben,सात,السابعة", "eight,ocho,oito,huit,acht,आठ,الثامنة", "nine,nueve,nove,neuf,neun,नौ,التاسعة",
    "ten,diez,dez,dix,zehn,दस,العاشرة", "eleven,once,onze,elf,ग्यारह,الحادية عشرة", "twelve,doce,doze,douze,zwölf,बारह,الثانية عشرة",
)
# fmt: on
_NUMBER_OF = {
    _plain(word).strip(): hour
    for hour, listed in enumerate(_NUMBERS, 1)
    for word in listed.split(",")
}
_WEEKDAY_OF = {
    _plain(name).strip(): number
    for number, names in enumerate(_WEEKDAYS)
    for name in names.split(",")
}
_HALVES = {"am": 0, "a m": 0, "pm": 12, "p m": 12, "ص": 0, "م": 12}

_DAY = re.compile(
    rf"(?<= )(?:(?P<known>{_one_of(_DAYS)})s?|(?P<double>{'|'.join(_TWO_MEANINGS.values())}))(?= )"
)
_WEEKDAY = re.compile(rf"(?<= )(?:{_one_of(_WEEKDAY_OF)})s?(?= )")
_MONTH = re.compile(rf"(?<= )(?:{_one_of(_MONTHS)})(?= )")
_PERIOD = [
    (hour, re.compile(rf"(?<= )(?:{_one_of(names)})(?= )")) for hour, names in _PERIODS.items()
]
_OPEN = re.compile(rf"(?<= )(?:{_one_of(_ANY)})(?= )")
_FIGURE = rf"(?P<hour>\d{{1,2}}(?:[:.]\d\d)?|{_one_of(_NUMBER_OF)})"
_HOURS = [
    re.compile(rf"(?<= )(?P<hour>\d{{1,2}}(?::\d\d)?) ?(?P<half>{_one_of(_HALVES)})(?= )"),
    re.compile(r"(?<= )(?P<hour>\d{1,2})h(?P<minute>\d\d)?(?= )"),
    re.compile(rf"(?<= ){_FIGURE} (?:{_one_of(_CLOCK)})(?= )"),
    re.compile(rf"(?<= )(?:{_one_of(_AT)}|{_one_of(_SPAN)}) {_FIGURE}(?= )"),
    re.compile(r"(?<= )(?P<hour>\d{1,2}:\d\d)(?= )"),
]
_IS_SPAN = re.compile(
    rf" (?:{_one_of(_SPAN)}) (?:\d|{_one_of(_NUMBER_OF)})|\d\S* (?:\S+ )?(?:{_one_of(_SPAN_AFTER)}) "
)


@dataclass(frozen=True, slots=True)
class _Said:
    days: set[date]
    returns: bool  # a weekday, which comes again
    latest: int | None  # minute of a day: the last that an hour or "in the morning" can mean
    has_hour: bool
    is_span: bool
    is_open: bool

    @property
    def is_any(self) -> bool:
        return bool(self.days or self.returns or self.has_hour or self.is_open) or (
            self.latest is not None
        )


def speaks(text: str) -> bool:
    """Of a day or an hour."""
    return _read(text, date.today()).is_any or bool(_MONTH.search(_plain(text)))  # noqa: DTZ011  any day will do


def oddity(text: str, at: datetime) -> str:
    """PAST when it was before `at`, which is the business's own; NO_DAY for an hour of no day; else ""."""
    said = _read(text, at.date())
    if said.returns or said.is_open:
        return ""
    if said.days:
        minute = at.hour * 60 + at.minute
        is_over = not said.is_span and said.latest is not None and said.latest <= minute
        last = max(said.days)
        return PAST if last < at.date() or (last == at.date() and is_over) else ""
    has_month = bool(_MONTH.search(_plain(text)))
    return NO_DAY if said.has_hour and not said.is_span and not has_month else ""


def _read(text: str, today: date) -> _Said:
    plain = _plain(text)
    days = {today + timedelta(days=_offset(match)) for match in _DAY.finditer(plain)}
    days |= {each.day for each in dates_said.find(text, today) if not _WEEKDAY.search(_plain(each.words))}  # fmt: skip
    ends = [hour * 60 for hour, period in _PERIOD if period.search(plain)]
    hours = _hours(plain)
    is_late = bool(ends) and max(ends) > 12 * 60
    meant = [each for each in hours if not ends or is_late or each < 12 * 60]
    return _Said(
        days=days,
        returns=bool(_WEEKDAY.search(plain)),
        latest=max(meant, default=None) if meant else max(ends, default=None),
        has_hour=bool(hours),
        is_span=bool(_IS_SPAN.search(plain)),
        is_open=bool(_OPEN.search(plain)),
    )


def _hours(plain: str) -> list[int]:
    """Each figure counts by the first pattern that knows it: 9 am isn't 9 in the evening."""
    found: list[int] = []
    for pattern in _HOURS:
        for match in pattern.finditer(plain):
            found += _minutes(match)
        plain = pattern.sub(" ", plain)
    return found


def _offset(match: re.Match[str]) -> int:
    return _DAYS[match["known"]] if match["known"] else 1


def _minutes(match: re.Match[str]) -> list[int]:
    """What an hour can mean; nothing when it is none."""
    groups = match.groupdict()
    hour, _, minute = re.sub("[.]", ":", groups["hour"]).partition(":")
    number = int(hour) if hour.isdigit() else _NUMBER_OF[hour]
    past = int(groups.get("minute") or minute or 0)
    if number > 24 or past > 59:
        return []
    half = groups.get("half")
    if half is not None:
        return [(number % 12 + _HALVES[half]) * 60 + past]
    is_either = number <= 12 and not hour.startswith("0")
    return [number * 60 + past, *([(number % 12 + 12) * 60 + past] if is_either else [])]
