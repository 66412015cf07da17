"""Which web addresses a user may give us: their spelling, and the networks behind them."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from app.lib.marking import kept

MAX_URL_CHARACTERS = 2000  # what browsers and servers agree on
_DEFAULT_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC_LABEL = re.compile(r"0x[0-9a-f]*|\d+")
_NOT_ALLOWED = kept("This isn't a web address that can be used.")

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Beyond what ipaddress calls global: its tables differ between Python versions.
_REFUSED_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, also inner networks of cloud providers
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the cloud's metadata at 169.254.169.254
        "172.16.0.0/12",
        "192.0.0.0/24",  # also a metadata address, 192.0.0.192
        "192.0.2.0/24",
        "192.88.99.0/24",  # the old 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's inner services, at an address that looks public
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")  # all that is given out on the Internet
_REFUSED_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, Teredo among them, which hides an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4, which hides one too; both are out of use
        "3fff::/20",
    )
)
# One's own machine and network. A cloud's inner services (metadata) are not among them.
_INNER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)
_METADATA_V6 = ipaddress.IPv6Network("fd00:ec2::/32")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL. `host` is ASCII in small letters; `address` is set where it is an IP address."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host_header}{self.path}"


def split_url(url: str) -> Target:
    """Raises ValueError, in words for the owner, for whatever isn't a plain http(s) address."""
    if len(url) > MAX_URL_CHARACTERS:
        raise ValueError("This address is too long.")
    if _FORBIDDEN.search(url):
        raise ValueError(_NOT_ALLOWED)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(_NOT_ALLOWED) from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError("Only addresses that begin with http:// or https:// can be used.")
    if "@" in parts.netloc:
        raise ValueError("An address with a user name or password in it can't be used.")
    host, address = _host(parts.hostname or "")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
    return Target(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], path, address)


def _host(name: str) -> tuple[str, str]:
    """Normalised before it is judged, so that fullwidth digits and the like hide nothing."""
    if ":" in name:
        return _ip_host(name)
    try:
        host = name.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError as error:
        raise ValueError(_NOT_ALLOWED) from error
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(_NOT_ALLOWED)
    # A name whose last part is a number is an IPv4 address to every client, in whatever spelling:
    # 2130706433, 0x7f.1, 0177.0.0.1. Only the plain one is taken.
    return _ip_host(host) if _NUMERIC_LABEL.fullmatch(labels[-1]) else (host, "")


def _ip_host(text: str) -> tuple[str, str]:
    try:
        if "%" in text:
            raise ValueError("zone")
        address = str(ipaddress.ip_address(text))
    except ValueError as error:
        raise ValueError(_NOT_ALLOWED) from error
    return address, address


def is_public(address: str, *, permit_loopback: bool = False) -> bool:
    """Whether the address lies on the open Internet, also once translated to IPv4."""
    try:
        found = _unwrapped(ipaddress.ip_address(address))
    except ValueError:
        return False
    if permit_loopback and found.is_loopback:
        return True
    if not found.is_global or found.is_multicast or found.is_reserved:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _REFUSED_V4)
    return found in _GLOBAL_V6 and not any(found in network for network in _REFUSED_V6)


def is_inner(address: str) -> bool:
    """Whether it is this machine or one of its private network."""
    try:
        found = _unwrapped(ipaddress.ip_address(address))
    except ValueError:
        return False
    return found not in _METADATA_V6 and any(found in network for network in _INNER)


def _unwrapped(address: IPAddress) -> IPAddress:
    """IPv4-mapped and NAT64 addresses lead to the IPv4 address in their last bytes."""
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address in _NAT64):
        return ipaddress.IPv4Address(address.packed[-4:])
    return address
