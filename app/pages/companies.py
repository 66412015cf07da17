"""Companies: the list, and one with its contacts."""

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from app.contact_data.choosing import MAX_WORDS
from app.contacts import companies as services
from app.contacts import listing
from app.contacts.listing import Filter
from app.contacts.models import Company
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid

companies = Blueprint("companies", __name__)


class CompanyForm(FlaskForm):
    name = StringField(_l("Name"), [InputRequired()])
    domain = StringField(_l("Website"), description=_l("Like example.com."))
    note = TextAreaField(_l("Good to know"))

    @property
    def words(self) -> dict[str, str]:
        return {each: self[each].data or "" for each in ("name", "domain", "note")}


@companies.get("/")
@requires(Permission.CONTACTS_READ)
def index() -> Response:
    words = request.args.get("q", "").strip()[:MAX_WORDS]
    rows, after = services.listed(words, request.args.get("after", "")[:MAX_WORDS])
    return web.page("companies/index.html", rows=rows, after=after, words=words)


@companies.get("/new")
@requires(Permission.CONTACTS_WRITE)
def new() -> Response:
    return web.page("companies/form.html", company=None, form=CompanyForm(formdata=None))


@companies.post("/")
@requires(Permission.CONTACTS_WRITE)
def create() -> Response | BaseResponse:
    form = CompanyForm()
    try:
        company = services.create(**form.words)
    except (Invalid, Conflict) as refusal:
        return _refused(None, form, refusal)
    flash(_("%(name)s is added.", name=company.name), "success")
    return web.go(".show", company_id=company.id)


@companies.get("/<int:company_id>")
@requires(Permission.CONTACTS_READ)
def show(company_id: int) -> Response:
    company = _load(company_id)
    filter = Filter(company_id=company.id, sort="name")
    page = listing.page(filter, request.args.get("after", "")[:400])
    return web.page(
        "companies/show.html", company=company, filter=filter, page=page, count=listing.count(filter)
    )  # fmt: skip


@companies.get("/<int:company_id>/edit")
@requires(Permission.CONTACTS_WRITE)
def edit(company_id: int) -> Response:
    company = _load(company_id)
    return web.page("companies/form.html", company=company, form=CompanyForm(obj=company))


@companies.post("/<int:company_id>")
@requires(Permission.CONTACTS_WRITE)
def change(company_id: int) -> Response | BaseResponse:
    company, form = _load(company_id), CompanyForm()
    try:
        services.change(company, **form.words)
    except (Invalid, Conflict) as refusal:
        return _refused(company, form, refusal)
    flash(_("Saved."), "success")
    return web.go(".show", company_id=company.id)


@companies.post("/<int:company_id>/deletion")
@requires(Permission.CONTACTS_WRITE)
def delete(company_id: int) -> BaseResponse:
    company = _load(company_id)
    name = company.name
    services.remove(company)
    flash(_("%(name)s is deleted. Its contacts are kept.", name=name), "success")
    return web.go(".index")


def _load(company_id: int) -> Company:
    return Company.by_id(company_id) or abort(404)


def _refused(company: Company | None, form: CompanyForm, refusal: Invalid | Conflict) -> Response:
    name = refusal.code if refusal.code in form else "name"
    form[name].errors = [refusal.message]
    return web.page("companies/form.html", 422, company=company, form=form)
