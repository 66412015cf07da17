"""The page behind a link of ours: one question, for who has no account. Whoever has the link may answer."""

from flask import Blueprint, Response, abort, request
from itsdangerous import BadData
from werkzeug.wrappers import Response as BaseResponse

from app.businesses.models import Business
from app.conversations import speech
from app.core import tenancy, translating, web
from app.core.access import public
from app.core.crypto import keys
from app.core.errors import FrontdeskError
from app.extensions import csrf, db, limiter
from app.ratings import answering, asking
from app.ratings.models import MOST, Rating

rating_link = Blueprint("rating_link", __name__)
csrf.exempt(rating_link)  # the address is the secret

PER_ADDRESS = "60 per minute"
MAX_SECONDS = 60 * 24 * 3600  # the question itself closes earlier, and says so


@rating_link.get("/<token>")
@public
@limiter.limit(PER_ADDRESS)
def show(token: str) -> Response:
    """Nothing happens here: scanners of e-mail open every link."""
    return _page(_rating(token))


@rating_link.post("/<token>")
@public
@limiter.limit(PER_ADDRESS)
def create(token: str) -> Response | BaseResponse:
    rating, given = _rating(token), request.form
    try:
        answering.rate(rating, given.get("stars", 0, type=int), given.get("words", ""))
    except FrontdeskError as refusal:
        return _page(rating, refusal.status, refusal.message)
    return web.go(".show", token=token)


def _rating(token: str) -> Rating:
    """In the scope of its business from here on."""
    try:
        business_id, rating_id = keys().signer(asking.PURPOSE).loads(token, max_age=MAX_SECONDS)
    except (BadData, ValueError, TypeError):
        abort(404)
    tenancy.enter_scope(business_id)
    rating = Rating.by_id(rating_id) or abort(404)
    translating.speak(speech.language_of(rating.conversation))
    return rating


def _page(rating: Rating, status: int = 200, problem: str = "") -> Response:
    typed = request.form
    return web.page(
        "ratings/link.html",
        status,
        rating=rating,
        question=asking.question(),
        choices=[(stars, asking.said(stars)) for stars in range(1, MOST + 1)],
        business=db.session.get_one(Business, tenancy.current_business_id()),
        stars=typed.get("stars", rating.stars or 0, type=int),
        words=typed.get("words", rating.words),
        problem=problem,
    )
