"""Keep files encrypted at rest, check what they are, read them whole or by range.

Each file has its own AES-256-GCM key, wrapped by the installation's key (RFC 3394). Content is cut
into chunks, so that a sound can be sought without decrypting all of it, and each chunk is bound to
its place, so that chunks cannot be swapped. Destroying the wrapped key destroys the content.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import puremagic
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from django.conf import settings

from merilo import law
from merilo.law import Reason
from merilo.law.refusal import _

from .models import StoredFile

CHUNK = 256 * 1024
TAG = 16
NONCE = 12

TYPES: dict[str, tuple[str, ...]] = {
    ".pdf": ("application/pdf",),
    ".jpg": ("image/jpeg",),
    ".jpeg": ("image/jpeg",),
    ".png": ("image/png",),
    ".wav": ("audio/wav", "audio/x-wav", "audio/wave"),
    ".mp3": ("audio/mpeg", "audio/mp3"),
    ".ogg": ("audio/ogg", "application/ogg", "video/ogg", "audio/opus"),
    ".m4a": ("audio/mp4", "video/mp4", "audio/m4a", "audio/x-m4a"),
}
DOCUMENTS = frozenset({".pdf", ".jpg", ".jpeg", ".png"})
SOUNDS = frozenset({".wav", ".mp3", ".ogg", ".m4a"})

FILE_EMPTY = Reason("files.empty", _("Файл «%(name)s» пуст. Выберите другой файл."))
FILE_TOO_BIG = Reason(
    "files.too-big",
    _("Файл «%(name)s» больше %(limit)s МБ. Уменьшите скан или разделите его на части."),
)
FILE_WRONG_KIND = Reason(
    "files.wrong-kind",
    _("Файл «%(name)s» нельзя принять. Подходят: %(allowed)s."),
)
FILE_NOT_WHAT_IT_SAYS = Reason(
    "files.not-what-it-says",
    _("Содержимое файла «%(name)s» не соответствует расширению. Сохраните его заново как PDF."),
)
FILE_DESTROYED = Reason("files.destroyed", _("Файл уничтожен по акту, открыть его нельзя."))


def _master_key() -> bytes:
    return hashlib.sha256(settings.FILES_KEY.encode()).digest()


def _path(file_id: object) -> Path:
    name = str(file_id)
    return Path(settings.FILES_ROOT) / name[:2] / name


def check(name: str, content: bytes, allowed: frozenset[str], limit: int | None = None) -> str:
    """The content type of a file that may be kept. Raises `Refused` with all that is wrong."""
    limit = limit or settings.UPLOAD_LIMIT_BYTES
    extension = Path(name).suffix.lower()
    short = Path(name).name[-80:]
    if not content:
        law.refuse([FILE_EMPTY(name=short)])
    if len(content) > limit:
        law.refuse([FILE_TOO_BIG(name=short, limit=limit // 2**20)])
    if extension not in allowed:
        law.refuse([FILE_WRONG_KIND(name=short, allowed=", ".join(sorted(allowed)))])
    try:
        found = {match.mime_type for match in puremagic.magic_string(content[:65536])}
    except (puremagic.PureError, ValueError):
        found = set()
    kinds = TYPES[extension]
    if not found & set(kinds):
        law.refuse([FILE_NOT_WHAT_IT_SAYS(name=short)])
    return kinds[0]


def keep(
    content: bytes | BinaryIO,
    *,
    name: str,
    content_type: str,
    purpose: str,
    now: datetime,
    account_id: int | None,
) -> StoredFile:
    """Encrypt and keep a file. The row is written in the caller's transaction; a file whose row
    was rolled back is unreadable (its key is gone) and is swept by `merilo check`."""
    data = content if isinstance(content, bytes) else content.read()
    key = AESGCM.generate_key(256)
    row = StoredFile(
        purpose=purpose,
        name=Path(name).name[-200:],
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        wrapped_key=aes_key_wrap(_master_key(), key),
        stored_at=now,
        stored_by_id=account_id,
    )
    path = _path(row.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    cipher = AESGCM(key)
    with open(part, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as out:
        for index, start in enumerate(range(0, len(data), CHUNK)):
            nonce = os.urandom(NONCE)
            place = f"{row.pk}:{index}".encode()
            out.write(nonce + cipher.encrypt(nonce, data[start : start + CHUNK], place))
    part.rename(path)
    row.save(force_insert=True)
    return row


def read_range(row: StoredFile, first: int = 0, last: int | None = None) -> Iterator[bytes]:
    """The bytes first..last (both included) of a kept file, decrypted chunk by chunk."""
    if row.destroyed_at:
        law.refuse([FILE_DESTROYED()])
    last = row.size - 1 if last is None else min(last, row.size - 1)
    cipher = AESGCM(aes_key_unwrap(_master_key(), bytes(row.wrapped_key)))
    with open(_path(row.pk), "rb") as source:
        for index in range(first // CHUNK, last // CHUNK + 1):
            source.seek(index * (NONCE + CHUNK + TAG))
            sealed = source.read(NONCE + CHUNK + TAG)
            place = f"{row.pk}:{index}".encode()
            plain = cipher.decrypt(sealed[:NONCE], sealed[NONCE:], place)
            start = max(first - index * CHUNK, 0)
            yield plain[start : last - index * CHUNK + 1]


def read(row: StoredFile) -> bytes:
    return b"".join(read_range(row)) if row.size else b""
