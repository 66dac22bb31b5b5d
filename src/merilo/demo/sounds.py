"""Short generated sounds that stand for recordings of oral answers."""

from __future__ import annotations

import io
import math
import struct
import wave
from functools import cache

RATE = 8000


@cache  # a few pitches stand for all children, and each takes ten thousand sines
def a_sound(pitch: int, seconds: float = 1.2) -> bytes:
    """A quiet WAV of two tones, so that a player has something to play."""
    frames = bytearray()
    for index in range(int(RATE * seconds)):
        tone = pitch if index < RATE * seconds / 2 else pitch * 5 / 4
        fade = math.sin(math.pi * index / (RATE * seconds))
        frames += struct.pack("<h", int(9000 * fade * math.sin(2 * math.pi * tone * index / RATE)))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(frames))
    return out.getvalue()
