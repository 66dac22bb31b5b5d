"""The generated sets of the benchmark: fixed seeds, so that golden numbers keep their meaning.

Drawn with numpy's PCG64, whose streams are stable across versions and machines; `SHA256` tells
when they are not, and then the golden numbers do not apply.
"""

from __future__ import annotations

import hashlib
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

SEEDS = {"a_rasch": 1101, "a_2pl": 1102, "b_rasch": 1201, "b_2pl": 1202, "c_rasch": 1301,
         "d_pcm": 1401, "d_gpcm": 1402}  # fmt: skip
SHA256 = {
    "a_rasch": "4812fe5cb7f7ce94",
    "a_2pl": "849645e303b1b5ca",
    "b_rasch": "8409c35b11f60862",
    "b_2pl": "07b118db112c875d",
    "c_rasch": "22a5fd2671bc9271",
    "d_pcm": "cb8eb713179bb3f6",
    "d_gpcm": "bf283daac37c20a5",
}


@cache
def generated(name: str) -> NDArray[np.int8]:
    """The persons × items matrix of a set, -1 where not given; fails when the stream changed."""
    makers = {"a": lambda: _pass_fail(name, 10_000), "b": lambda: _pass_fail(name, 200_000),
              "c": _booklets, "d": lambda: _graded(name)}  # fmt: skip
    made = np.ascontiguousarray(makers[name[0]]().astype(np.int8))
    found = hashlib.sha256(made.tobytes()).hexdigest()
    assert found.startswith(SHA256[name]), "another random stream: golden numbers do not apply"
    made.flags.writeable = False
    return made


def _chance(name: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(SEEDS[name]))


def _difficulties(chance: np.random.Generator, items: int) -> NDArray[np.float64]:
    spread = np.array([NormalDist().inv_cdf((i + 0.5) / items) for i in range(items)]) * 1.1
    drawn = chance.permutation(spread + chance.normal(0, 0.1, items))
    return drawn - drawn.mean()


def _answers(chance, theta, slope, difficulty, chunk=250_000):
    made = np.empty((len(theta), len(difficulty)), np.int8)
    for start in range(0, len(theta), chunk):
        part = theta[start : start + chunk, None]
        right = 1 / (1 + np.exp(-slope * (part - difficulty)))
        made[start : start + chunk] = chance.random(right.shape) < right
    return made


def _pass_fail(name: str, persons: int, items: int = 40) -> NDArray[np.int8]:
    chance = _chance(name)
    difficulty = _difficulties(chance, items)
    slope = np.exp(chance.normal(0, 0.3, items)) if name.endswith("2pl") else np.ones(items)
    return _answers(chance, chance.normal(0, 1, persons), slope, difficulty)


def booklets_of_c() -> NDArray[np.bool_]:
    """20 booklets × 200 items: 10 anchors in each, the other 190 on a ring, 20 at a time."""
    given = np.zeros((20, 200), bool)
    given[:, :10] = True
    for booklet in range(20):
        given[booklet, 10 + (int(round(9.5 * booklet)) + np.arange(20)) % 190] = True
    return given


def _booklets(persons: int = 200_000) -> NDArray[np.int8]:
    chance = _chance("c_rasch")
    difficulty, given = _difficulties(chance, 200), booklets_of_c()
    mean = chance.normal(0, 0.3, 20)
    mean -= mean.mean()
    booklet = np.repeat(np.arange(20), persons // 20)
    theta = chance.normal(mean[booklet], 1.0)
    made = np.full((persons, 200), -1, np.int8)
    for number in range(20):
        rows, items = np.flatnonzero(booklet == number), np.flatnonzero(given[number])
        made[np.ix_(rows, items)] = _answers(chance, theta[rows], np.ones(30), difficulty[items])
    return made


def _graded(name: str, persons: int = 50_000, items: int = 25, chunk: int = 50_000):
    chance = _chance(name)
    place = _difficulties(chance, items) * 0.8
    delta = place[:, None] + np.array([-0.8, 0, 0.8]) + chance.normal(0, 0.3, (items, 3))
    delta -= delta.mean()
    slope = np.exp(chance.normal(0, 0.25, items)) if name == "d_gpcm" else np.ones(items)
    theta = chance.normal(0, 1, persons)
    z = np.cumsum(slope[None, :, None] * (theta[:, None, None] - delta[None]), axis=2)
    z = np.concatenate([np.zeros((*z.shape[:2], 1)), z], axis=2)
    chances = np.exp(z - z.max(axis=2, keepdims=True))
    ladder = np.cumsum(chances, axis=2)
    ladder /= ladder[:, :, -1:]
    return (chance.random(ladder.shape[:2])[:, :, None] > ladder).sum(axis=2)
