"""What a member chose for an import, and what is guessed before that."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, ConfigDict, Field

from app.contacts.models import ContactField
from app.lib import names

Known = Literal["fill", "overwrite", "skip"]
CONSENT = {"consent.email": "email", "consent.sms": "sms", "consent.whatsapp": "whatsapp"}
OWN = "custom."
NEW = "new."  # before a kind: a field of the business's own that is made for this column
TARGETS: dict[str, Any] = {
    "name": _l("Name"),
    "given": _l("First name"),
    "family": _l("Last name"),
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "company": _l("Company"),
    "tags": _l("Tags"),
    "note": _l("Good to know"),
    "language": _l("Language"),
    "birthday": _l("Birthday"),
    "consent.email": _l("Wants offers by e-mail"),
    "consent.sms": _l("Wants offers by SMS"),
    "consent.whatsapp": _l("Wants offers on WhatsApp"),
}
ONCE = {"name", "given", "family", "company", "note", "language", "birthday"}  # columns
_WORDS = {
    "name": "name fullname contact contactname customer client kunde cliente nombre nombrecompleto nom nomcomplet nome naam namn navn imie full",
    "given": "firstname first givenname given vorname prenom nombredepila primeiro primeironome voornaam fornamn fornavn",
    "family": "lastname last surname familyname family nachname nomdefamille apellido apellidos sobrenome apelido achternaam efternamn etternavn",
    "email": "email emailaddress mail emails correo correoelectronico courriel adressemail epost eposta",
    "phone": "phone phonenumber phones mobile mobilephone cell telephone tel telefon telefono telefone handy mobil movil portable celular telefoonnummer telefonnummer whatsapp",
    "company": "company companyname organisation organization firma unternehmen empresa societe entreprise bedrijf azienda foretag",
    "tags": "tags tag labels label etiquetas etiketten schlagworter",
    "note": "note notes comment comments remarks goodtoknow notizen bemerkung notas nota remarques opmerkingen",
    "language": "language lang sprache idioma langue taal lingua",
    "birthday": "birthday birthdate dateofbirth dob geburtstag geburtsdatum cumpleanos fechadenacimiento datedenaissance anniversaire aniversario",
}  # fmt: skip
_BY_WORD = {word: target for target, words in _WORDS.items() for word in words.split()}
_PHONE = re.compile(r"\+?[\d\s()./-]{7,20}")


class Settings(BaseModel):
    """`columns` are targets by the number of a column; "" is left out. `country` is of numbers without a code."""

    model_config = ConfigDict(extra="ignore")

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    has_header: bool = True
    columns: dict[int, str] = {}
    known: Known = "fill"
    country: str = Field(default="", max_length=2)
    dates: Literal["day", "month"] = "day"  # what comes first in 3/5/2026
    tag: str = Field(default="", max_length=40)  # for everybody in the file
    consent_words: str = Field(default="", max_length=500)

    @property
    def wants_consent(self) -> bool:
        return any(target in CONSENT for target in self.columns.values())


def targets(fields: Iterable[ContactField]) -> dict[str, Any]:
    """What a column can be, by what stands in a form."""
    return TARGETS | {OWN + each.key: each.label for each in fields}


def looks_like_header(first: Sequence[str], second: Sequence[str]) -> bool:
    """Names of columns hold no addresses, and aren't numbers."""
    if any("@" in cell or _PHONE.fullmatch(cell) for cell in first):
        return False
    return bool(second) or any(_plain(cell) in _BY_WORD for cell in first)


def guessed(
    header: Sequence[str], sample: Sequence[Sequence[str]], fields: Iterable[ContactField]
) -> dict[int, str]:
    """By the names of the columns, and of those that say nothing by what stands in them."""
    own = {_plain(word): OWN + each.key for each in fields for word in (each.label, each.key)}
    shown = {_plain(str(label)): target for target, label in TARGETS.items()}
    width = max((len(row) for row in (header, *sample)), default=0)
    found: dict[int, str] = {}
    for at in range(width):
        word = _plain(header[at]) if at < len(header) else ""
        word = re.sub(r"\d+$", "", word) or word
        target = own.get(word) or _BY_WORD.get(word) or shown.get(word) or _by_values(at, sample)
        found[at] = "" if target in ONCE and target in found.values() else target
    return found


def _by_values(at: int, sample: Sequence[Sequence[str]]) -> str:
    values = [row[at] for row in sample if at < len(row) and row[at]]
    if values and sum("@" in value for value in values) * 2 > len(values):
        return "email"
    is_phone = [value.startswith(("+", "0")) and _PHONE.fullmatch(value) for value in values]
    return "phone" if values and sum(map(bool, is_phone)) * 2 > len(values) else ""


def _plain(text: str) -> str:
    return re.sub(r"[^\w]|_", "", names.key(text))


def problem_with(settings: Settings) -> tuple[str, str] | None:
    """What a member has to change first, and the field's name."""
    chosen = [target for target in settings.columns.values() if target]
    if not {"name", "given", "family", "email", "phone"} & set(chosen):
        return "columns", _(
            "Say which column has the name, the e-mail address or the phone number."
        )
    for target in sorted(ONCE):
        if chosen.count(target) > 1:
            label = str(TARGETS[target])
            return "columns", _("Two columns are “%(label)s”. Leave one of them out.", label=label)
    return None
