"""An answer that is read while it comes."""

import gzip
import threading
from contextlib import contextmanager

import pytest

from app.core.addresses import is_inner
from app.core.http import AddressRefused, Allow, TooLarge, TooSlow, Unreachable, fetch, stream
from tests.core.conftest import fail_with


def open_stream(site, path="/", host="127.0.0.1", **options):
    settings = {"max_bytes": 10_000, "timeout": 10, "allow": site.allow} | options
    return stream(f"http://{host}:{site.port}{path}", **settings)


def chunked(handler, *pieces, end=True):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for piece in pieces:
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.flush()
    if end:
        handler.wfile.write(b"0\r\n\r\n")
    handler.close_connection = True


@contextmanager
def held(site, path, *pieces):
    """The page sends its pieces and then nothing, until the block is left."""
    over = threading.Event()

    def page(handler):
        chunked(handler, *pieces, end=False)
        over.wait(60)

    site.pages[path] = page
    yield
    over.set()


def test_lines_come_whole_whatever_the_pieces_were(site):
    site.pages["/"] = lambda handler: chunked(handler, b"one\r\ntw", b"o\n\nthr", b"ee\nlast")
    with open_stream(site, body=b"{}", headers={"X-Sign": "s"}) as answer:
        assert (answer.status, answer.headers["transfer-encoding"]) == (200, "chunked")
        assert list(answer.lines) == [b"one", b"two", b"", b"three", b"last"]
    command, _, headers, body = site.requests[0]
    assert (command, headers["X-Sign"], body) == ("POST", "s", b"{}")
    assert headers["Accept-Encoding"] == "identity"


def test_a_line_is_there_before_the_next_is_sent(site):
    with held(site, "/", b"first\nsec"), open_stream(site) as answer:
        assert next(answer.lines) == b"first"


def test_a_stream_that_stays_silent_is_cut_at_its_deadline(site):
    with held(site, "/", b"first\n"), open_stream(site, timeout=0.4) as answer:
        assert next(answer.lines) == b"first"
        with pytest.raises(TooSlow):
            next(answer.lines)


def test_a_stream_that_breaks_is_unreachable(site):
    site.pages["/"] = lambda handler: chunked(handler, b"first\n", end=False)
    with open_stream(site) as answer:
        assert next(answer.lines) == b"first"
        with pytest.raises(Unreachable) as caught:
            next(answer.lines)
    assert not caught.value.permanent


def test_a_stream_over_the_limit_is_too_large_also_when_it_is_packed(site):
    site.pages["/long"] = lambda handler: chunked(handler, b"x" * 6_000, b"x" * 6_000)
    packed = gzip.compress(b"\0" * 5_000_000)
    site.pages["/bomb"] = (200, {"Content-Encoding": "gzip"}, packed)
    for path in ("/long", "/bomb"):
        with open_stream(site, path) as answer, pytest.raises(TooLarge):
            list(answer.lines)


def test_a_redirect_is_an_answer_and_not_followed(site):
    site.pages["/"] = (307, {"Location": "http://169.254.169.254/"}, b"")
    with open_stream(site) as answer:
        assert answer.status == 307
    assert len(site.requests) == 1


def test_an_error_of_the_reader_stays_its_own(site):
    site.pages["/"] = (200, {}, b"first\n")
    with pytest.raises(ValueError, match="mine"), open_stream(site) as answer:
        fail_with(ValueError("mine"))(next(answer.lines))


def test_a_stream_goes_to_no_private_address(site):
    with pytest.raises(AddressRefused), open_stream(site, allow=Allow()):
        pass
    with pytest.raises(AddressRefused), open_stream(site, allow=Allow(ports={site.port})):
        pass
    assert site.requests == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.5", "fd12::7"]
)
def test_ones_own_network_is_inner(address):
    assert is_inner(address)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "192.0.0.192", "0.0.0.0", "8.8.8.8",
     "100.64.0.1", "224.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "no address"],
)  # fmt: skip
def test_a_clouds_inner_services_are_not(address):
    assert not is_inner(address)


def test_a_permitted_network_is_reached_and_its_metadata_still_isnt(site):
    allow = Allow(ports=range(1, 65536), permit_private=True)
    site.pages["/"] = (200, {}, b"local\n")
    with open_stream(site, allow=allow) as answer:
        assert list(answer.lines) == [b"local"]
    for host in ("169.254.169.254", "[fd00:ec2::254]", "168.63.129.16"):
        with pytest.raises(AddressRefused):
            fetch(f"http://{host}/", max_bytes=10, timeout=1, allow=allow)
