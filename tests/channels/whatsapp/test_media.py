"""Files that somebody sent: fetched with the token, from Meta's hosts alone, whole or not at all."""

import json

import pytest
from flask import Flask

from app.channels.adapters import adapter
from app.channels.border import Line, SendFailed
from app.channels.meta_files import META, OWN, allowed
from app.channels.whatsapp.media import _is_whole
from tests.channels.whatsapp.conftest import line_of
from tests.standins.graph import Graph, Number, Person

MB = 1024 * 1024
whatsapp = adapter("whatsapp")


@pytest.fixture
def media_id(graph: Graph, number: Number, maya: Person) -> str:
    maya.sends_file(number, "image", b"a picture", "image/png")
    [hook] = graph.take_hooks()
    message = json.loads(hook.body)["entry"][0]["changes"][0]["value"]["messages"][0]
    return str(message["image"]["id"])


def refused(line: Line, media_id: str, max_bytes: int = MB) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        whatsapp.download(line, media_id, max_bytes)
    return caught.value


def test_a_file_comes_whole_with_its_type(line: Line, media_id: str) -> None:
    assert whatsapp.download(line, media_id, MB) == (b"a picture", "image/png")


def test_a_file_that_is_gone_or_unknown_stays_so(graph: Graph, line: Line, media_id: str) -> None:
    graph.media[media_id].is_gone = True
    for each in (media_id, "404"):
        assert refused(line, each).trouble == "permanent"


def test_an_address_that_is_too_old_is_asked_for_again(
    graph: Graph, line: Line, media_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.standins.graph.number_ways.MEDIA_SECONDS", -1)
    assert refused(line, media_id).trouble == "retry"


def test_a_damaged_file_is_not_kept(graph: Graph, line: Line, media_id: str) -> None:
    graph.spoils_media = True
    failed = refused(line, media_id)
    assert (failed.trouble, "damaged" in failed.message) == ("permanent", True)


def test_a_file_is_not_larger_than_may_be(line: Line, media_id: str) -> None:
    assert refused(line, media_id, 3).trouble == "permanent"


def test_another_business_gets_nothing(graph: Graph, line: Line, media_id: str) -> None:
    assert refused(line_of(graph.number()), media_id).trouble == "permanent"


def test_the_token_stays_behind_at_a_redirect(graph: Graph, line: Line, media_id: str) -> None:
    with Graph() as elsewhere:
        graph.cdn_leads_to = f"{elsewhere.url}/a-file"
        refused(line, media_id)
        assert elsewhere.requests == [("GET", "/a-file")]
        assert elsewhere.tokens_seen == {""}


def test_only_meta_and_the_configured_host_are_asked(graph: Graph, app: Flask) -> None:
    assert allowed("https://lookaside.fbsbx.com/whatsapp/1", "WhatsApp") is META
    assert allowed(f"{graph.url}/cdn/1", "WhatsApp") is OWN
    for url in (
        "https://evilfbsbx.com/1",
        "https://fbsbx.com.evil.example/1",
        "http://127.0.0.1:1/x",
        "",
    ):
        with pytest.raises(SendFailed):
            allowed(url, "WhatsApp")


def test_a_digest_is_read_in_both_its_writings() -> None:
    hexadecimal = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    assert _is_whole(b"test", hexadecimal)
    assert _is_whole(b"test", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=")
    assert not _is_whole(b"other", hexadecimal)
