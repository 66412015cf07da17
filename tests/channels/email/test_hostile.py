"""Mails that anybody can send and that would keep a worker, or the whole site, busy for minutes. Each is looked at
by how much of it is taken apart, never by a clock: what isn't bounded hangs here, too."""

import pytest

from app.channels.border import Address, Line, Outgoing, SendFailed
from app.channels.content import Words
from app.channels.email import letters, sending
from app.channels.email.letters import Letter
from app.channels.email.page_words import page_words
from app.channels.email.reading import update_of
from app.lib.quoted import own_words

HEAD = b"From: Maya <maya@mail.example>\r\nSubject: Dogs\r\nMessage-ID: <1@mail.example>\r\n"
FOLDED = b"Content-Type: message/rfc822\r\n\r\n" * 3000
NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (each, each)
    for each in range(1000)
)


@pytest.mark.parametrize("body", [FOLDED, NESTED], ids=["folded into itself", "parts in parts"])
def test_what_is_too_deep_is_known_by_its_headers(body):
    raw = HEAD + body
    assert update_of(raw, "here").external_id == "m:<1@mail.example>"
    letter = Letter(raw)
    assert (letter.subject, letter.bounce(), letter.is_automatic) == ("Dogs", None, False)
    assert letter.attachments() == []


def test_a_mail_of_very_many_parts_is_cut():
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 50_000
    assert len(Letter(raw)._parts) <= letters.MAX_PARTS + 1


@pytest.mark.parametrize(
    "header",
    [
        b"From: " + b"a@b.example, " * 8_000,
        b"From: " + b"a." * 5_000 + b"@b.example",
        b"From: " + b"(" * 50_000,
        b'Content-Type: text/plain; name="' + b'"' * 30_000,
        b"Subject: " + b"=?utf-8?q?a?= " * 8_000,
    ],
)
def test_a_header_without_an_end_is_cut(header):
    letter = Letter(b"Message-ID: <1@b>\r\n" + header + b"\r\n\r\nAre dogs allowed?")
    assert (letter.id, letter.words) == ("<1@b>", "Are dogs allowed?")
    assert len(letter.sender[1]) < letters.MAX_HEADER


def test_more_headers_than_anybody_writes_are_left_out():
    letter = Letter(b"X: y\r\n" * 500_000 + HEAD + b"\r\nHello")
    assert letter.sender == ("", "")


@pytest.mark.parametrize("charset", ["punycode", "undefined", "hex", "no-such", "idna"])
def test_a_charset_that_no_mail_has_is_read_as_another(charset):
    raw = HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + b"a-" * 50_000
    assert Letter(raw).words.startswith("a-a-")


@pytest.mark.parametrize(
    "page", ["<!--", "<a ", "<", "</", "<?", "<a b='", "<blockquote>", "<script>", "&#", "<a b="]
)
@pytest.mark.parametrize("end", ["", ">"])
def test_a_page_of_beginnings_is_read_to_its_end(page, end):
    assert len(page_words(page * 50_000 + end)) <= len(page) * 50_000 + 1


def test_a_page_keeps_its_words():
    page = """<p title="a > b">One &amp; two</p><!-- <b>no</b> --><style>p > a {}</style><script>if (1<2) {}</script>
        <br>3 < 4<div class='gmail_quote'>quoted <b>words</b></div> after"""
    assert page_words(page).split() == ["One", "&", "two", "3", "<", "4", "after"]


@pytest.mark.parametrize(
    "words", [">\n" * 30_000 + "x", "-" * 59_999 + "x\n> a", "b\n\n" + "a" * 59_000 + ":\n> x"]
)
def test_lines_that_look_like_a_quote_are_read_once(words):
    assert own_words(words)


def written(desk_name="Test Shop", to="anna@example.com", reply_to=None, subject="Re: Dogs"):
    line = Line(1, "email", "shop@shop.example", {"name": desk_name}, {})
    content = Words(body="Yes.", subject=subject)
    outgoing = Outgoing((Address("email", to),), content, "token", reply_to=reply_to)
    return sending._written(line, outgoing)[1].partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_no_name_and_no_subject_adds_a_header():
    head = written("Shop\r\nBcc: all@x.example", subject="Re: a\r\nBcc: all@x.example\x00\ud800")
    assert not [line for line in head if line.startswith(b"Bcc")]
    assert b'From: "Shop  Bcc: all@x.example" <shop@shop.example>' in head


@pytest.mark.parametrize("to", ["ü@x.example", "a..b@x.example", "a@x.example\r\nBcc: b@x.example"])
def test_an_address_that_no_mail_can_be_written_to_fails_for_good(to):
    with pytest.raises(SendFailed) as failed:
        written(to=to)
    assert failed.value.trouble == "permanent"


def test_a_domain_with_other_letters_is_written_as_servers_know_it():
    assert b"To: m@xn--mller-kva.example" in written(to="m@müller.example")


def test_the_name_of_a_mail_that_is_answered_stays_whole():
    long = f"<{'A' * 90}@eurprd04.prod.outlook.example>"
    assert f"In-Reply-To: {long}".encode() in written(reply_to=long)
    assert not [line for line in written(reply_to="<ü@x.example>") if b"Reply-To" in line]
