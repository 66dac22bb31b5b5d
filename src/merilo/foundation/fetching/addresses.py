"""An address as a person pasted it: what it leads to, and when two spellings are one address."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from posixpath import normpath
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
UNRESERVED = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
)  # RFC 3986: an escape of one of these says nothing that the letter itself does not say
LONGEST = 2000

# Only this part of IPv6 is given out for the open network. What lies outside (loopback, link-local,
# unique local, IPv4 inside IPv6, NAT64) and the tunnels inside it can hide an address of a house.
OPEN_IPV6 = IPv6Network("2000::/3")
TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))


class Fault(StrEnum):
    """Why an address cannot be visited as it is written."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    NOT_WEB = "not-web"
    NO_HOST = "no-host"
    BAD_HOST = "bad-host"
    BAD_PORT = "bad-port"
    HAS_PASSWORD = "has-password"
    ODD_NUMBER = "odd-number"


class BadAddress(ValueError):
    """Says only the fault: the text of the address may hold a password."""

    def __init__(self, fault: Fault):
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Address:
    """Where to connect and what to ask for; letters of the network only."""

    scheme: str
    host: str
    port: int
    target: str  # path and query, escaped

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host_header}{self.target}"


def read_address(text: str) -> Address:
    """The address behind a pasted text: Cyrillic names, spaces and a missing «https://» allowed.

    Raises `BadAddress`: not http(s), a name and password inside, a host that is a disguised number.
    """
    parts = _split(text)
    try:
        port = parts.port
    except ValueError:
        raise BadAddress(Fault.BAD_PORT) from None
    if port == 0:
        raise BadAddress(Fault.BAD_PORT)
    if parts.username is not None or parts.password is not None:
        raise BadAddress(Fault.HAS_PASSWORD)
    target = _escaped(parts.path, safe="/:@!$&'()*+,;=") or "/"
    if parts.query:
        target += "?" + _escaped(parts.query, safe="/:@!$&'()*+,;=?")
    scheme = parts.scheme.lower()
    return Address(scheme, _host(parts.hostname or ""), port or DEFAULT_PORTS[scheme], target)


def one_spelling(text: str) -> str:
    """One text for all spellings of one address, for comparing only: the original is kept.

    Host in one case and alphabet, no default port, no fragment, escapes in one way, no «/./».
    Raises `BadAddress`.
    """
    address = read_address(text)
    path, question, query = address.target.partition("?")
    folder = "/" if path.endswith("/") and path != "/" else ""
    path = normpath(path).replace("//", "/").rstrip("/") + folder
    return str(
        Address(address.scheme, address.host, address.port, (path or "/") + question + query)
    )


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the open network and to nobody's house."""
    if isinstance(address, IPv6Address) and (
        address not in OPEN_IPV6 or any(address in tunnel for tunnel in TUNNELS)
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _split(text: str) -> SplitResult:
    # Line ends and tabs come with pasting from a spreadsheet and mean nothing in an address.
    text = re.sub(r"[\r\n\t]", "", text).strip().strip("\ufeff\u200b")
    if not text:
        raise BadAddress(Fault.EMPTY)
    if len(text) > LONGEST:
        raise BadAddress(Fault.TOO_LONG)
    text = text.replace("\\", "/")
    if "://" not in text.split("?")[0]:
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?![0-9])", text):
            raise BadAddress(Fault.NOT_WEB)  # mailto:, javascript:, C:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        raise BadAddress(Fault.BAD_HOST) from None
    if parts.scheme.lower() not in DEFAULT_PORTS:
        raise BadAddress(Fault.NOT_WEB)
    return parts


def _host(name: str) -> str:
    """The host in letters of the network. A number may be written in one way only."""
    # NFKC turns full-width and circled digits into plain ones, as a resolver would.
    name = unicodedata.normalize("NFKC", name).replace("\u3002", ".").rstrip(".").lower()
    if not name:
        raise BadAddress(Fault.NO_HOST)
    if ":" in name and "%" not in name:  # no zones: they name a cable of this machine
        try:
            return IPv6Address(name).compressed
        except ValueError:
            raise BadAddress(Fault.BAD_HOST) from None
    last = name.rpartition(".")[2]
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        # Resolvers read 2130706433, 0177.1 and 0x7f.1 as 127.0.0.1; only the usual form passes.
        try:
            return str(IPv4Address(name))
        except ValueError:
            raise BadAddress(Fault.ODD_NUMBER) from None
    try:
        host = name.encode("idna").decode("ascii")
    except UnicodeError:
        raise BadAddress(Fault.BAD_HOST) from None
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", host) or ".." in host:
        raise BadAddress(Fault.BAD_HOST)
    return host


def _escaped(text: str, *, safe: str) -> str:
    """Escapes in one way: what must be escaped is, in capitals; what need not be is not."""
    pieces = re.split(r"(%[0-9a-fA-F]{2})", text)
    out = []
    for piece in pieces:
        if re.fullmatch(r"%[0-9a-fA-F]{2}", piece):
            byte = unquote_to_bytes(piece)
            out.append(byte.decode() if byte[0] in UNRESERVED else piece.upper())
        else:
            out.append(quote(piece, safe=safe))
    return "".join(out)


def as_number(host: str) -> IPv4Address | IPv6Address | None:
    """The host when it is written as a number; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
