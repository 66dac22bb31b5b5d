"""Where a result comes from: the data, the engine, the settings and the seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

ENGINE_VERSION = "0.1.0"


@dataclass(frozen=True)
class Provenance:
    """What must be kept to make the same result again.

    `verb` is the name of the function, `data` a SHA-256 of what it read, `settings` its keyword
    arguments with the defaults filled in, `seed` the seed where chance was used.
    """

    verb: str
    data: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    engine: str = ENGINE_VERSION

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "verb": self.verb,
            "data": self.data,
            "settings": dict(self.settings),
            "seed": self.seed,
            "engine": self.engine,
        }


def digest(parts: Iterable[object]) -> str:
    """SHA-256 of arrays and plain values, in order; independent of the machine."""
    whole = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray) and part.dtype != object:
            # The byte order of the machine must not show in the hash.
            array = np.ascontiguousarray(part.astype(part.dtype.newbyteorder("<"), copy=False))
            whole.update(f"{array.dtype.str}{array.shape}".encode())
            whole.update(array.view(np.uint8).data if array.size else b"")
        elif isinstance(part, np.ndarray):
            whole.update(json.dumps([str(value) for value in part], ensure_ascii=False).encode())
        else:
            whole.update(json.dumps(part, ensure_ascii=False, sort_keys=True).encode())
        whole.update(b"\0")
    return whole.hexdigest()
