"""Businesses get an address of their own, whatever they are called and whoever comes at the same moment."""

import secrets
import threading

import pytest

from app.accounts.services import create_user
from app.businesses.services import create_business, slugify
from app.core.errors import Conflict, Invalid
from app.core.unit_of_work import unit_of_work
from app.extensions import db


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Willow & Thyme", "willow-thyme"),
        ("Café Ñandú", "cafe-nandu"),
        ("  --  ", ""),
        ("东京花店", ""),
        ("x" * 100, "x" * 40),
    ],
)
def test_a_name_makes_an_address(name, slug):
    assert slugify(name) == slug


def test_a_name_of_signs_alone_gets_an_address_too(context):
    with unit_of_work():
        assert create_business("花店").slug.startswith("business")


def test_the_same_name_gets_another_address(context):
    name = f"Same {secrets.token_hex(4)}"
    with unit_of_work():
        first, second = create_business(name), create_business(name)
        assert first.slug != second.slug


def test_a_chosen_address_that_is_taken_is_refused(context):
    slug = f"taken-{secrets.token_hex(4)}"
    with unit_of_work():
        create_business("One", slug)
    with pytest.raises(Conflict, match=slug), unit_of_work():
        create_business("Two", slug)


@pytest.mark.parametrize("slug", ["Upper", "a b", "../up", "ä"])
def test_a_chosen_address_that_is_none_is_refused(context, slug):
    with pytest.raises(Invalid):
        create_business("One", slug)


def test_an_unknown_time_zone_is_refused(context):
    with pytest.raises(Invalid):
        create_business("One", time_zone="Mars/Olympus")


def test_two_who_sign_up_at_the_same_moment_with_one_e_mail_make_one_account(app):
    email, outcomes = f"twin-{secrets.token_hex(4)}@example.com", []
    together = threading.Barrier(2)

    def sign_up():
        with app.app_context():
            together.wait()
            try:
                with unit_of_work():
                    create_user("Twin", email, "a long enough password")
                outcomes.append("made")
            except Conflict:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=sign_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused"]
