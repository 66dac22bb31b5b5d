"""Seal a stream of any length under the installation's key, so that a copy on a disk says nothing.

AES-256-GCM by chunks. Each chunk is bound to its number, and the last one is marked as the last:
a stream that was cut, reordered or changed does not open (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015, with random nonces kept beside the chunks).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 1024 * 1024
NONCE = 12
TAG = 16
MARK = b"merilo-sealed-1\n"
SALT = 16


class CannotOpen(Exception):
    """The stream was made with another key, or is cut or changed."""


def seal(source: BinaryIO, key: str) -> Iterator[bytes]:
    """The sealed bytes of a stream, to be written one after another.

    `key` is the text of the installation's key; each stream gets a key of its own from it.
    """
    salt = os.urandom(SALT)
    cipher = _cipher(key, salt)
    yield MARK + salt
    index, chunk = 0, source.read(CHUNK)
    while True:
        following = source.read(CHUNK) if len(chunk) == CHUNK else b""
        nonce = os.urandom(NONCE)
        yield nonce + cipher.encrypt(nonce, chunk, _place(index, last=not following))
        if not following:
            return
        index, chunk = index + 1, following


def open_sealed(source: BinaryIO, key: str) -> Iterator[bytes]:
    """The plain bytes of a sealed stream, each chunk proved before it is given.

    Raises `CannotOpen` for another key, a cut, or any change.
    """
    head = source.read(len(MARK) + SALT)
    if not head.startswith(MARK) or len(head) < len(MARK) + SALT:
        raise CannotOpen
    cipher = _cipher(key, head[len(MARK) :])
    whole = NONCE + CHUNK + TAG
    index, chunk = 0, source.read(whole)
    while True:
        following = source.read(whole) if len(chunk) == whole else b""
        try:
            yield cipher.decrypt(chunk[:NONCE], chunk[NONCE:], _place(index, last=not following))
        except (InvalidTag, ValueError) as wrong:
            raise CannotOpen from wrong
        if not following:
            return
        index, chunk = index + 1, following


def write_all(chunks: Iterable[bytes], out: BinaryIO) -> None:
    """Write what `seal` or `open_sealed` gives."""
    for chunk in chunks:
        out.write(chunk)


def _cipher(key: str, salt: bytes) -> AESGCM:
    derived = HKDF(hashes.SHA256(), 32, salt, b"merilo sealed stream").derive(key.encode())
    return AESGCM(derived)


def _place(index: int, *, last: bool) -> bytes:
    return f"{index}:{'last' if last else 'more'}".encode()
