import pytest
from flask import Flask
from itsdangerous import BadSignature, SignatureExpired
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, text

from app.core import crypto
from app.core.crypto import EncryptedText, KeyRing, Tampered, UnknownKey

OLD = "the-old-secret-of-this-installation-2025"
NEW = "the-new-secret-of-this-installation-2026"


def test_what_is_encrypted_opens_again_and_is_never_the_same_twice():
    ring = KeyRing([NEW])
    token = ring.encrypt("schlüssel 🔑")
    assert ring.decrypt(token) == "schlüssel 🔑"
    assert "schl" not in token
    assert token != ring.encrypt("schlüssel 🔑")


def test_a_new_secret_in_front_still_opens_what_the_old_one_closed():
    closed = KeyRing([OLD]).encrypt("secret")
    assert KeyRing([NEW, OLD]).decrypt(closed) == "secret"


def test_rotation_moves_a_token_to_the_newest_key():
    ring = KeyRing([NEW, OLD])
    closed = KeyRing([OLD]).encrypt("secret")
    assert not ring.is_current(closed)
    moved = ring.rotate(closed)
    assert ring.is_current(moved)
    assert KeyRing([NEW]).decrypt(moved) == "secret"
    assert ring.rotate(moved) == moved


def test_the_key_id_in_front_shows_what_an_old_key_still_holds():
    assert KeyRing([OLD]).encrypt("a").partition(".")[0] == KeyRing([OLD, NEW]).newest
    assert KeyRing([NEW, OLD]).newest != KeyRing([OLD]).newest


def test_a_secret_that_is_gone_is_told_from_a_changed_token():
    closed = KeyRing([OLD]).encrypt("secret")
    with pytest.raises(UnknownKey, match=KeyRing([OLD]).newest):
        KeyRing([NEW]).decrypt(closed)


def test_a_changed_token_is_refused_at_every_place():
    ring = KeyRing([NEW])
    token = ring.encrypt("secret")
    start = token.index(".") + 1
    for place in range(start, len(token) - 2, 7):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(Tampered):
            ring.decrypt(changed)


@pytest.mark.parametrize("token", ["", "plain text", "deadbeef", "deadbeef.", "DEADBEEF.x", "é.ü"])
def test_what_was_never_a_token_is_refused(token):
    with pytest.raises(Tampered):
        KeyRing([NEW]).decrypt(token)


def test_a_token_opens_only_with_the_key_it_names():
    ring = KeyRing([NEW, OLD])
    closed = KeyRing([OLD]).encrypt("secret").partition(".")[2]
    with pytest.raises(Tampered):
        ring.decrypt(f"{ring.newest}.{closed}")


@pytest.mark.parametrize("secrets", [[], [""], [NEW, ""]])
def test_a_ring_without_a_secret_is_refused(secrets):
    with pytest.raises(ValueError, match="secret"):
        KeyRing(secrets)


def test_signed_tokens_carry_their_data_and_live_through_a_rotation():
    token = KeyRing([OLD]).signer("visitor").dumps({"id": 7})
    assert KeyRing([NEW, OLD]).signer("visitor").loads(token) == {"id": 7}
    with pytest.raises(BadSignature):
        KeyRing([NEW]).signer("visitor").loads(token)


def test_new_tokens_are_signed_with_the_newest_key():
    token = KeyRing([NEW, OLD]).signer("visitor").dumps(1)
    assert KeyRing([NEW]).signer("visitor").loads(token) == 1


def test_a_token_of_one_purpose_is_worthless_for_another():
    ring = KeyRing([NEW])
    token = ring.signer("visitor").dumps({"id": 7})
    with pytest.raises(BadSignature):
        ring.signer("password-reset").loads(token)


def test_forged_and_expired_tokens_are_refused():
    signer = KeyRing([NEW]).signer("visitor")
    token = signer.dumps({"id": 7})
    with pytest.raises(SignatureExpired):
        signer.loads(token, max_age=-1)
    with pytest.raises(BadSignature):
        signer.loads("x" + token)


@pytest.fixture
def app():
    app = Flask(__name__)
    app.config["SECRET_KEYS"] = [NEW, OLD]
    crypto.init_app(app)
    with app.app_context():
        yield app


def test_an_encrypted_column_is_plain_for_us_and_closed_in_the_database(app):
    table = Table("t", MetaData(), Column("id", Integer), Column("secret", EncryptedText))
    with create_engine("sqlite://").begin() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"id": 1, "secret": "tökén"}, {"id": 2, "secret": None}])
        stored = connection.execute(text("select secret from t order by id")).scalars().all()
        assert stored[0].startswith(crypto.keys().newest + ".")
        assert "tök" not in stored[0]
        assert stored[1] is None
        assert connection.execute(select(table.c.secret).order_by(table.c.id)).scalars().all() == [
            "tökén",
            None,
        ]


def test_plain_text_in_an_encrypted_column_is_not_taken_for_a_secret(app):
    table = Table("t", MetaData(), Column("secret", EncryptedText))
    with create_engine("sqlite://").begin() as connection:
        table.create(connection)
        connection.execute(text("insert into t values ('planted')"))
        with pytest.raises(Tampered):
            connection.execute(select(table.c.secret)).all()
