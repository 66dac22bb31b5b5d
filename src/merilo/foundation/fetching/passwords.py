"""A login and a password, told to the one place they are for and to nobody else.

Nothing is told before a server asks; over an open line only where the region insists.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.request import parse_http_list, parse_keqv_list

from .addresses import DEFAULT_PORTS, Address


class Use(StrEnum):
    """What became of a login and a password during a visit."""

    NOT_ASKED = ""
    TAKEN = "taken"
    REFUSED = "refused"
    UNSECURED = "unsecured"  # not told: the line is open to everybody on the way
    STRANGER = "stranger"  # not told: another server asked
    UNSPOKEN = "unspoken"  # not told: the server asks in a way that is not spoken here


@dataclass(frozen=True)
class Access:
    """What opens the pages of one server. Its text holds neither the login nor the password."""

    home: Address  # as it was named together with the password
    login: str = field(repr=False)
    password: str = field(repr=False)
    over_open_line: bool = False

    def reasons_to_keep_it(self, asker: Address) -> Use | None:
        """Why this server is not told; None where it may be."""
        moved_up = (self.home.port, asker.port) == (DEFAULT_PORTS["http"], DEFAULT_PORTS["https"])
        if asker.host != self.home.host or not (asker.port == self.home.port or moved_up):
            return Use.STRANGER
        if not asker.is_secure and not self.over_open_line:
            return Use.UNSECURED
        return None


def reply(access: Access, asker: Address, questions: Sequence[str]) -> tuple[Use, bytes | None]:
    """What to answer a server that asks who we are (RFC 7617, RFC 7616); None: nothing."""
    if kept := access.reasons_to_keep_it(asker):
        return kept, None
    asked: dict[str, str] = {}
    for question in questions:
        way, _space, rest = question.strip().partition(" ")
        asked.setdefault(way.lower(), rest)
    for way in WAYS:
        if way in asked and (said := WAYS[way](access, asker, asked[way])) is not None:
            return Use.TAKEN, said
    return Use.UNSPOKEN, None


def _digest(access: Access, asker: Address, question: str) -> bytes | None:
    """Proves that the password is known without telling it."""
    try:
        asked = parse_keqv_list(parse_http_list(question))
    except ValueError:
        return None
    name = asked.get("algorithm", "MD5")
    work = DIGESTS.get(name.upper())
    ways = {way.strip() for way in asked.get("qop", "").split(",")}
    realm, nonce = asked.get("realm"), asked.get("nonce")
    if work is None or realm is None or nonce is None or "auth" not in ways:
        return None
    own, count = secrets.token_hex(16), "00000001"
    who = work(f"{access.login}:{realm}:{access.password}")
    what = work(f"GET:{asker.target}")
    quoted = {
        "username": access.login,
        "realm": realm,
        "nonce": nonce,
        "uri": asker.target,
        "cnonce": own,
        "response": work(f"{who}:{nonce}:{count}:{own}:auth:{what}"),
    }
    if "opaque" in asked:
        quoted["opaque"] = asked["opaque"]
    if not all(map(str.isprintable, quoted.values())):
        return None  # a line end would begin another header
    said = [f'{word}="{_quoted(value)}"' for word, value in quoted.items()]
    return f"Digest {', '.join(said)}, algorithm={name}, qop=auth, nc={count}".encode()


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _basic(access: Access, asker: Address, question: str) -> bytes | None:
    if ":" in access.login:
        return None  # the first colon would end the login
    return b"Basic " + b64encode(f"{access.login}:{access.password}".encode())


def _work(name: str) -> Callable[[str], str]:
    # MD5 is what the other side asks for; the line is secured besides.
    return lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


DIGESTS = {"MD5": _work("md5"), "SHA-256": _work("sha256")}
# The way that does not tell the password goes first.
WAYS: dict[str, Callable[[Access, Address, str], bytes | None]] = {
    "digest": _digest,
    "basic": _basic,
}
