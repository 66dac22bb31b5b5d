"""Go to an address and bring back what is there, within limits, and never into a private network.

The name is resolved once, every answer is judged, and the connection goes to the judged number:
a name that changes its answer between the question and the visit changes nothing. Each redirect is
a new address and is judged anew. No cookies, no proxy of the environment, no logs; a password only
where `passwords` lets it be told.
"""

from __future__ import annotations

import hashlib
import io
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urljoin

from .addresses import Address, BadAddress, as_number, is_public, read_address
from .kinds import ENOUGH, Kind, kind_of
from .passwords import Access, Use, reply

REDIRECTS = frozenset({301, 302, 303, 307, 308})
WHO_ARE_YOU = 401
CLOSED = frozenset({WHO_ARE_YOU, 403, 407})
GONE = frozenset({404, 410})
PIECE = 64 * 1024
TRIED = 3  # numbers of one name, at most
AGENT = "Merilo/1 (checks the documents that a municipality named)"

Number = IPv4Address | IPv6Address


class Failure(StrEnum):
    """Why nothing was brought back."""

    BAD_ADDRESS = "bad-address"
    PRIVATE = "private"
    NO_NAME = "no-name"
    NO_ANSWER = "no-answer"
    INSECURE = "insecure"
    TOO_SLOW = "too-slow"
    TOO_BIG = "too-big"
    WRONG_KIND = "wrong-kind"
    ROUND = "round"
    CLOSED = "closed"
    GONE = "gone"
    SERVER = "server"


class NotVisited(Exception):
    """Nothing was brought back. Holds no text of the address: it may be shown and logged."""

    def __init__(self, failure: Failure, status: int | None = None, access: Use = Use.NOT_ASKED):
        super().__init__(failure.value if status is None else f"{failure.value} ({status})")
        self.failure = failure
        self.status = status
        self.access = access


@dataclass(frozen=True)
class Visited:
    """What was at the address."""

    final: Address
    status: int
    content_type: str
    kind: Kind
    body: bytes
    sha256: str
    redirects: int
    access: Use = Use.NOT_ASKED


@dataclass(frozen=True)
class _Question:
    """The server asks who we are, in these ways."""

    ways: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """How much, how long, how far. One visit never takes more than `seconds` all in all."""

    size: int = 40 * 2**20
    seconds: float = 60
    connecting: float = 10
    redirects: int = 5


def system_numbers(host: str, port: int) -> Sequence[str]:
    """The numbers of a name, as the machine's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_rest, place in found]


@dataclass(frozen=True)
class Roads:
    """Where a visit may go. The region's machine takes the default; tests take their own."""

    numbers: Callable[[str, int], Sequence[str]] = system_numbers
    may_reach: Callable[[Number, int], bool] = field(
        default=lambda number, port: is_public(number) and port in (80, 443, 8080, 8443)
    )
    trusted: str = ""  # a file of certificates trusted besides those of the machine


def visit(
    text: str,
    *,
    access: Access | None = None,
    limits: Limits | None = None,
    roads: Roads | None = None,
) -> Visited:
    """What is at the address now. Raises `NotVisited` with one reason.

    A server that asks who we are is told once, if `access` is for it.
    """
    limits, roads = limits or Limits(), roads or Roads()
    until = time.monotonic() + limits.seconds
    use, status = Use.NOT_ASKED, None
    try:
        address = read_address(text)
        for done in range(limits.redirects + 1):
            answer = _ask(address, limits, roads, until, done)
            if isinstance(answer, _Question):
                said = None
                if access is not None:
                    use, said = reply(access, address, answer.ways)
                if said is None:
                    raise NotVisited(Failure.CLOSED, WHO_ARE_YOU)
                answer = _ask(address, limits, roads, until, done, said)
            if isinstance(answer, _Question):
                use = Use.REFUSED
                raise NotVisited(Failure.CLOSED, WHO_ARE_YOU)
            if isinstance(answer, Visited):
                return replace(answer, access=use)
            address = read_address(urljoin(str(address), answer))
        failure = Failure.ROUND
    except NotVisited as failed:
        failure, status = failed.failure, failed.status
    except BadAddress:
        failure = Failure.BAD_ADDRESS
    except TimeoutError:
        failure = Failure.TOO_SLOW
    except ssl.SSLError:
        failure = Failure.INSECURE
    except (HTTPException, OSError, zlib.error, ValueError):
        failure = Failure.NO_ANSWER
    raise NotVisited(failure, status, use)


def _ask(
    address: Address,
    limits: Limits,
    roads: Roads,
    until: float,
    redirects: int,
    said: bytes | None = None,
) -> Visited | _Question | str:
    """One question to one server: the document, where it sends us, or who we are."""
    line = _connect(address, limits, roads, until)
    connection = HTTPConnection(address.host, address.port)
    connection.sock = line  # a socket as far as http.client uses one
    try:
        connection.putrequest("GET", address.target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", address.host_header)
        connection.putheader("User-Agent", AGENT)
        connection.putheader("Accept-Encoding", "identity")
        if said is not None:
            connection.putheader("Authorization", said)
        connection.putheader("Connection", "close")
        connection.endheaders()
        answer = connection.getresponse()
        if answer.status in REDIRECTS and (place := answer.getheader("Location")):
            return _letters(place)
        if answer.status == WHO_ARE_YOU:
            return _Question(tuple(answer.headers.get_all("WWW-Authenticate") or ()))
        _status(answer.status)
        content_type = (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower()
        body, kind = _body(answer, content_type, limits)
        return Visited(
            final=address,
            status=answer.status,
            content_type=content_type,
            kind=kind,
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            redirects=redirects,
        )
    finally:
        line.hang_up()


def _letters(place: str) -> str:
    """A redirect in plain UTF-8, which the protocol forbids and many servers send."""
    try:
        return place.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return place


def _status(status: int) -> None:
    if status in CLOSED:
        raise NotVisited(Failure.CLOSED, status)
    if status in GONE:
        raise NotVisited(Failure.GONE, status)
    if status != 200:
        raise NotVisited(Failure.SERVER, status)


def _body(answer: HTTPResponse, content_type: str, limits: Limits) -> tuple[bytes, Kind]:
    """The content, stopped at the limit; the kind is told before the rest is read."""
    declared = answer.getheader("Content-Length") or ""
    if declared.isdecimal() and int(declared) > limits.size:
        raise NotVisited(Failure.TOO_BIG, answer.status)
    coding = (answer.getheader("Content-Encoding") or "identity").lower()
    if coding not in ("identity", "gzip", "deflate"):
        raise NotVisited(Failure.WRONG_KIND, answer.status)
    unpack = None if coding == "identity" else zlib.decompressobj(wbits=47)
    body, told, came = bytearray(), False, 0
    while piece := answer.read1(PIECE):
        came += len(piece)
        # A small parcel may hold a mountain: never more than the limit is unpacked.
        body += piece if unpack is None else unpack.decompress(piece, limits.size + 1)
        if len(body) > limits.size:
            raise NotVisited(Failure.TOO_BIG, answer.status)
        if not told and len(body) >= ENOUGH:
            _kind(body, content_type, answer.status)
            told = True
    if (declared.isdecimal() and came < int(declared)) or (unpack is not None and not unpack.eof):
        raise NotVisited(Failure.NO_ANSWER, answer.status)  # broken off: half is no document
    return bytes(body), _kind(body, content_type, answer.status)


def _kind(body: bytearray, content_type: str, status: int) -> Kind:
    kind = kind_of(bytes(body), content_type)
    if kind is None:
        raise NotVisited(Failure.WRONG_KIND, status)
    return kind


def _connect(address: Address, limits: Limits, roads: Roads, until: float) -> _Line:
    """A connection to a number that was judged, secured for the name that was asked."""
    numbers = _judged_numbers(address, roads)
    failed: OSError = OSError()
    for number in numbers[:TRIED]:
        try:
            wait = min(limits.connecting, _left(until))
            plain = socket.create_connection((str(number), address.port), timeout=wait)
        except OSError as wrong:
            failed = wrong
            continue
        if not address.is_secure:
            return _Line(plain, until)
        try:
            plain.settimeout(_left(until))
            secured = _trust(roads.trusted).wrap_socket(plain, server_hostname=address.host)
        except BaseException:
            plain.close()
            raise
        return _Line(secured, until)
    raise failed


def _judged_numbers(address: Address, roads: Roads) -> list[Number]:
    """All numbers of the host, if a visit may go to every one of them."""
    written = as_number(address.host)
    if written is not None:
        numbers = [written]
    else:
        try:
            answers = roads.numbers(address.host, address.port)
            numbers = list(dict.fromkeys(ip_address(one) for one in answers))
        except (OSError, ValueError):
            raise NotVisited(Failure.NO_NAME) from None
    if not numbers:
        raise NotVisited(Failure.NO_NAME)
    # One bad number among good ones is no accident: nobody means such a name.
    if not all(roads.may_reach(one, address.port) for one in numbers):
        raise NotVisited(Failure.PRIVATE)
    return numbers


@cache
def _trust(extra: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if extra:
        context.load_verify_locations(extra)
    return context


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Line:
    """A socket all of whose waits end at one moment, however slowly the other side drips."""

    def __init__(self, plain: socket.socket, until: float):
        self._plain = plain
        self._until = until

    def sendall(self, data: bytes) -> None:
        self._plain.settimeout(_left(self._until))
        self._plain.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Drops(self._plain, self._until), PIECE)

    def close(self) -> None:
        """http.client lets go as soon as the head is read; the body is still on the line."""

    def hang_up(self) -> None:
        self._plain.close()


class _Drops(io.RawIOBase):
    def __init__(self, plain: socket.socket, until: float):
        self._plain = plain
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        self._plain.settimeout(_left(self._until))
        return self._plain.recv_into(room)
