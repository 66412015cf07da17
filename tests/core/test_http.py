import gzip
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.core.addresses import is_public, split_url
from app.core.http import (
    AddressRefused,
    Allow,
    OutgoingError,
    TooLarge,
    TooManyRedirects,
    Unreachable,
    fetch,
)

PUBLIC_ADDRESS = "93.184.216.34"


def refuse(url, resolve=None):
    """As production would treat it: no allowance at all."""
    with pytest.raises(AddressRefused) as caught:
        fetch(
            url, max_bytes=10, timeout=1, resolve=resolve or (lambda host, port: [PUBLIC_ADDRESS])
        )
    assert caught.value.permanent
    return caught.value


def test_a_page_comes_back_with_status_headers_and_final_address(site):
    site.pages["/a?b=1"] = (200, {"X-Kind": "page"}, b"hello")
    fetched = site.fetch("/a?b=1")
    assert (fetched.status, fetched.body, fetched.headers["x-kind"]) == (200, b"hello", "page")
    assert fetched.url == f"http://127.0.0.1:{site.port}/a?b=1"
    assert site.fetch("/missing").status == 404


def test_a_body_can_be_posted(site):
    site.pages["/hook"] = (200, {}, b"ok")
    assert site.fetch("/hook", method="POST", body=b"{}", headers={"X-Sign": "s"}).status == 200
    command, _, headers, body = site.requests[0]
    assert (command, headers["X-Sign"], body) == ("POST", "s", b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "example.com",
        "http://",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com:22/",
        "http://example.com:99999/",
        "http://example.com\\@127.0.0.1/",
        "http://exa mple.com/",
        "http://example.com/\r\nX-Injected: 1",
        "http://[::1%25eth0]/",
        "http://-bad-.example.com/",
        "http://" + "a" * 64 + ".com/",
        "http://example.com/" + "a" * 2000,
    ],
)
def test_odd_addresses_are_refused_before_anything_is_looked_up(url):
    def resolve(host, port):
        raise AssertionError("looked up")

    refuse(url, resolve)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "１２７.０.０.１",
        "127。0。0。1",
        "0",
        "10.0.0.1",
        "192.168.1.1",
        "172.31.255.255",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[2002:7f00:1::]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
        "[2001:db8::1]",
    ],
)
def test_private_addresses_in_any_spelling_are_refused(host):
    refuse(f"http://{host}/")


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"],
)
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "fd00:ec2::254"])
def test_a_name_that_leads_to_a_private_address_is_refused(address):
    refuse("http://shop.example/", lambda host, port: [address])
    refuse("http://shop.example/", lambda host, port: [PUBLIC_ADDRESS, address])


def test_the_allowance_for_tests_is_for_loopback_alone(site):
    with pytest.raises(AddressRefused):
        site.fetch(host="10.0.0.1")


def test_the_environment_opens_no_door(site, monkeypatch):
    for name in (
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "PERMIT_LOOPBACK_FOR_TESTS",
        "FRONTDESK_ENV",
    ):
        monkeypatch.setenv(name, f"http://127.0.0.1:{site.port}")
    refuse(f"http://127.0.0.1:{site.port}/")
    refuse("http://127.0.0.1/")
    assert site.requests == []


def test_a_name_is_looked_up_once_and_the_checked_address_is_used(site):
    site.pages["/"] = (200, {}, b"hello")
    asked = []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    assert site.fetch(host="shop.example", resolve=resolve).body == b"hello"
    assert asked == ["shop.example"]
    assert site.requests[0][2]["Host"] == f"shop.example:{site.port}"


def test_a_name_that_changes_after_the_check_gains_nothing(site, monkeypatch):
    """DNS rebinding: public when checked, loopback when asked again."""
    answers = [PUBLIC_ADDRESS, "127.0.0.1"]
    dialled = []

    def connect(address, *args, **kwargs):
        dialled.append(address[0])
        raise OSError("no network in this test")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(Unreachable):
        fetch(
            f"http://shop.example:{site.port}/",
            max_bytes=10,
            timeout=5,
            allow=Allow(ports=frozenset({site.port})),
            resolve=lambda host, port: [answers.pop(0)],
        )
    assert dialled == [PUBLIC_ADDRESS]
    assert answers == ["127.0.0.1"]
    assert site.requests == []


def test_the_next_address_is_tried_when_one_is_dead(site):
    site.pages["/"] = (200, {}, b"hello")
    fetched = site.fetch(host="shop.example", resolve=lambda host, port: ["::1", "127.0.0.1"])
    assert fetched.body == b"hello"


def test_redirects_are_followed_and_each_is_checked(site):
    site.pages["/old"] = (301, {"Location": "/new?x=1"}, b"")
    site.pages["/new?x=1"] = (200, {}, b"moved")
    assert site.fetch("/old").url.endswith("/new?x=1")

    for location in (
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://127.0.0.1:22/",
        "http://0x7f000001/",
        "file:///etc/passwd",
        "http://user:pw@shop.example/",
    ):
        site.pages["/trap"] = (302, {"Location": location}, b"")
        with pytest.raises(AddressRefused):
            site.fetch("/trap")


def test_a_redirect_to_a_name_that_is_private_is_refused(site):
    site.pages["/trap"] = (302, {"Location": f"http://inner.example:{site.port}/"}, b"")
    names = {"shop.example": ["127.0.0.1"], "inner.example": ["10.1.2.3"]}
    with pytest.raises(AddressRefused):
        site.fetch("/trap", host="shop.example", resolve=lambda host, port: names[host])
    assert len(site.requests) == 1


def test_redirects_without_end_are_given_up(site):
    site.pages["/loop"] = (302, {"Location": "/loop"}, b"")
    with pytest.raises(TooManyRedirects):
        site.fetch("/loop")
    assert len(site.requests) == 6


def test_secrets_stay_behind_when_a_redirect_leaves_the_site(site):
    site.pages["/here"] = (302, {"Location": "/same"}, b"")
    site.pages["/same"] = (302, {"Location": f"http://other.example:{site.port}/there"}, b"")
    site.pages["/there"] = (200, {}, b"")
    secrets = {"Authorization": "Bearer s", "X-Api-Key": "k", "Accept": "text/html"}
    site.fetch(
        "/here", host="shop.example", headers=secrets, resolve=lambda host, port: ["127.0.0.1"]
    )
    first, second, third = (headers for _, _, headers, _ in site.requests)
    assert first["X-Api-Key"] == second["X-Api-Key"] == "k"
    assert third["Accept"] == "text/html"
    assert not {"Authorization", "X-Api-Key"} & set(third)


def test_a_post_is_never_sent_on_to_another_address(site):
    site.pages["/hook"] = (307, {"Location": "/elsewhere"}, b"")
    assert site.fetch("/hook", method="POST", body=b"x").status == 307
    assert len(site.requests) == 1


def test_the_caller_can_choose_no_other_host(site):
    site.fetch("/", headers={"host": "inner.example", "Connection": "keep-alive"})
    assert site.requests[0][2]["Host"] == f"127.0.0.1:{site.port}"


def test_a_body_over_the_limit_is_too_large_whatever_it_announces(site):
    site.pages["/announced"] = (200, {}, b"x" * 10_001)

    def unannounced(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"x" * 10_001)
        handler.close_connection = True

    site.pages["/unannounced"] = unannounced
    site.pages["/fits"] = (200, {}, b"x" * 10_000)
    assert len(site.fetch("/fits").body) == 10_000
    for path in ("/announced", "/unannounced"):
        with pytest.raises(TooLarge):
            site.fetch(path)


def test_a_packed_body_counts_as_what_it_unpacks_to(site):
    site.pages["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000))
    site.pages["/small"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"hello"))
    assert site.fetch("/small").body == b"hello"
    with pytest.raises(TooLarge):
        site.fetch("/bomb", max_bytes=1_000_000)


def test_an_answer_cut_off_is_unreachable_and_worth_another_try(site):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    site.pages["/cut"] = cut
    site.pages["/garbled"] = (200, {"Content-Encoding": "gzip"}, b"not gzip")
    for path in ("/cut", "/garbled"):
        with pytest.raises(Unreachable) as caught:
            site.fetch(path)
        assert not caught.value.permanent


def test_an_address_where_nobody_listens_is_unreachable():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    allow = Allow(ports=frozenset({port}), permit_loopback_for_tests=True)
    with pytest.raises(Unreachable):
        fetch(f"http://127.0.0.1:{port}/", max_bytes=10, timeout=5, allow=allow)


def test_a_name_that_is_not_found_is_unreachable():
    def resolve(host, port):
        raise socket.gaierror("no such name")

    with pytest.raises(Unreachable):
        fetch("http://shop.example/", max_bytes=10, timeout=5, resolve=resolve)


def drip_body(handler, over):
    handler.send_response(200)
    handler.end_headers()
    while not over.wait(0.02):
        handler.wfile.write(b"x")


def drip_headers(handler, over):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not over.wait(0.02):
        handler.wfile.write(b"x")


def stay_silent(handler, over):
    over.wait(60)


@pytest.mark.parametrize("behaviour", [drip_body, drip_headers, stay_silent])
def test_a_server_that_drips_is_cut_off_at_the_deadline(site, behaviour):
    over = threading.Event()

    def page(handler):
        try:
            behaviour(handler, over)
        except OSError:
            over.set()
        handler.close_connection = True

    site.pages["/slow"] = page
    try:
        with pytest.raises(Unreachable, match="too long"):
            site.fetch("/slow", timeout=0.4)
    finally:
        over.set()


@pytest.fixture
def tls(site, tmp_path, monkeypatch):
    """The site behind a certificate for shop.example, from an authority that this machine trusts."""
    key, pem = ec.generate_private_key(ec.SECP256R1()), tmp_path / "site.pem"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    site.names = []
    context.sni_callback = lambda _socket, server_name, _context: site.names.append(server_name)
    site.server.socket = context.wrap_socket(
        site.server.socket, server_side=True, do_handshake_on_connect=False
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return site


def fetch_tls(site, host):
    return fetch(
        f"https://{host}:{site.port}/",
        max_bytes=100,
        timeout=10,
        allow=site.allow,
        resolve=lambda host, port: ["127.0.0.1"],
    )


def test_certificate_and_server_name_are_those_of_the_host_not_of_the_address(tls):
    tls.pages["/"] = (200, {}, b"secure")
    assert fetch_tls(tls, "shop.example").body == b"secure"
    assert tls.names == ["shop.example"]
    assert tls.requests[0][2]["Host"] == f"shop.example:{tls.port}"


def test_a_certificate_of_another_host_is_not_accepted(tls):
    with pytest.raises(Unreachable, match="certificate"):
        fetch_tls(tls, "other.example")
    assert tls.requests == []


def test_an_untrusted_certificate_is_not_accepted(tls, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unreachable, match="certificate"):
        fetch_tls(tls, "shop.example")
    assert tls.requests == []


def test_international_names_and_paths_are_sent_in_ascii():
    target = split_url("HTTPS://Gärtnerei.example/Blumen/Rosé?q=grün#hours")
    assert target.host == "xn--grtnerei-0za.example"
    assert target.url == "https://xn--grtnerei-0za.example/Blumen/Ros%C3%A9?q=gr%C3%BCn"


def test_every_error_is_an_outgoing_error_in_plain_words():
    for error in (AddressRefused, TooLarge, TooManyRedirects, Unreachable):
        assert issubclass(error, OutgoingError)
    assert "private network" in str(refuse("http://127.0.0.1/"))


def test_an_already_passed_deadline_sends_nothing(site):
    def resolve(host, port):
        time.sleep(0.02)
        return ["127.0.0.1"]

    with pytest.raises(Unreachable, match="too long"):
        site.fetch(host="shop.example", timeout=0.01, resolve=resolve)
    assert site.requests == []
