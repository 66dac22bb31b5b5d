"""Answer similarity: do two works agree more than two independent people would?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from merilo_psychometrics.errors import BadData, TooFewPersons, WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.persons.results import Abilities
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Block, Responses
from merilo_psychometrics.weights import require_unweighted

from . import wrong
from .answers import Answers, answers_of
from .evidence import WEIGHTS, Array, Evidence
from .matches import all_pairs, compare
from .meanings import MEANINGS

INDICES = ("gbt", "omega", "omega_both", "m4", *wrong.INDICES)
DIRECTED = ("omega", *wrong.INDICES)
# More pairs than this are a slip (all works instead of one class), not a question.
MOST_PAIRS = 60_000_000
CHUNK = 200_000

Columns = dict[str, tuple[Array, Array, Array]]


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of one block: rows of works [n, 2], and the group of each."""

    rows: NDArray[np.int64]
    within: NDArray[Any]


def similarity(
    responses: Responses,
    parameters: ItemParameters,
    abilities: Abilities,
    *,
    within: str | None = None,
    pairs: ArrayLike | None = None,
    indices: Sequence[str] = ("gbt", "omega"),
    answers: Literal["scores", "chosen"] = "scores",
    bands: int = 5,
    threads: int | None = None,
) -> dict[str, Evidence]:
    """Compare pairs of works on one booklet; a mapping index → `Evidence`, small p is unusual.

    Which pairs: all within every group of the grouping `within` (a class), or the `pairs` [n, 2]
    of names of persons, or all pairs of a booklet. What agrees: scores, or the `answers` chosen.
    With P_1i(c), P_2i(c) the probabilities of code c of item i at the two abilities (logits):
      gbt         matches M; P(M ≥ m) by recursion with π_i = Σ_c P_1i(c)·P_2i(c): van der Linden &
                  Sotaridona (2006), J. Educ. Behav. Stat. 31, 283–304.
      omega       (m − Σp_i)/√Σp_i(1 − p_i), p_i the probability that the first gives the answer of
                  the second: Wollack (1997), Appl. Psychol. Meas. 21, 307–320. A pair has
                  two rows, one a direction. p is the exact tail by recursion, not N(0, 1).
      omega_both  (m − Σπ_i)/√Σπ_i(1 − π_i): Romero, Riascos & Jara (2015), J. Educ. Behav. Stat.
                  40, 435–453. p as in gbt.
      m4          right and wrong matches together: Maynes (2014); statistic = their number.
      k, k1, k2, s1   matching wrong answers among works with as many errors, no model: see
                  `wrong.wrong_matches`. 0/1 items unless answers are chosen. Two rows a pair.
    With estimated abilities gbt and omega are cautious: honest pairs have p < 0.05 in about 2 % (30
    items), K and its kin in fewer still, as the literature on them says.
    The effect is matches above their expectation. NaN where an ability is infinite (not for K).
    Raises `TooFewPersons` where there is no pair, `WrongSettings` for more than 60 million.
    Raises also `BadData`.
    """
    responses.require_treated("similarity")
    require_unweighted(responses, *WEIGHTS)
    chosen = _indices(indices)
    if len(abilities.ability) != responses.works:
        raise BadData(
            f"Оценок уровня {len(abilities.ability)}, а работ {responses.works}: передайте оценки "
            "тех же работ в том же порядке.",
            f"{len(abilities.ability)} abilities for {responses.works} works.",
        )
    if answers == "scores":
        _require_pass_fail(responses, chosen)
    wanted = [_pairs_of(responses, n, within, pairs) for n in range(len(responses.blocks))]
    if pairs is not None:
        _require_all(np.asarray(pairs), [responses.blocks[n].persons[part.rows]
                                         for n, part in enumerate(wanted)])  # fmt: skip
    _require_some(sum(len(part.rows) for part in wanted))
    units: dict[str, list[Any]] = {name: [] for name in chosen}
    groups: dict[str, list[Any]] = {name: [] for name in chosen}
    sizes: dict[str, list[Any]] = {name: [] for name in chosen}
    values: dict[str, list[Any]] = {name: [] for name in chosen}
    first = 0
    for booklet, block, part in zip(
        responses.design.booklets, responses.blocks, wanted, strict=True
    ):
        theta = abilities.ability[first : first + len(block)]
        first += len(block)
        if not len(part.rows):
            continue
        items = [responses.design.items[n] for n in booklet.items]
        ours = parameters.only(item.id for item in items)
        given = answers_of(items, block, ours, chosen=answers == "chosen", bands=bands)
        columns = _of_block(given, theta, part.rows, chosen, threads)
        both = np.concatenate([part.rows, part.rows[:, ::-1]])
        for name in chosen:
            rows = both if name in DIRECTED else part.rows
            units[name].append(block.persons[rows])
            groups[name].append(np.tile(part.within, 2 if name in DIRECTED else 1))
            sizes[name].append(np.full(len(rows), len(items)))
            values[name].append(columns[name])
    settings = {"indices": list(chosen), "within": within, "answers": answers, "bands": bands}
    provenance = Provenance("similarity", responses.data_hash, settings)
    found = {}
    for name in chosen:
        statistic, p, effect = (np.concatenate([v[n] for v in values[name]]) for n in range(3))
        found[name] = Evidence(
            MEANINGS[name], np.concatenate(units[name]), np.concatenate(groups[name]), statistic,
            p, effect, np.concatenate(sizes[name]), provenance,
        )  # fmt: skip
    return found


def _of_block(
    given: Answers,
    theta: Array,
    rows: NDArray[np.int64],
    chosen: tuple[str, ...],
    threads: int | None,
) -> Columns:
    found: Columns = {}
    if set(chosen) - set(wrong.INDICES):
        found |= _by_model(given, theta, rows, chosen, threads)
    kin = tuple(name for name in chosen if name in wrong.INDICES)
    if kin:
        items = np.arange(given.full.shape[0])[None, :]
        mistaken = ~given.full[items, given.codes]
        both = np.concatenate([rows, rows[:, ::-1]])
        matches, tails = wrong.wrong_matches(given.codes, mistaken, both, kin)
        for name in kin:
            expected, p = tails[name]
            found[name] = (matches.astype(float), p, matches - expected)
    return found


def _by_model(
    given: Answers,
    theta: Array,
    rows: NDArray[np.int64],
    chosen: tuple[str, ...],
    threads: int | None,
) -> Columns:
    def work(part: NDArray[np.int64]) -> tuple[Any, ...]:
        used, where = np.unique(part, return_inverse=True)
        known = np.isfinite(theta[used])
        chances = given.probabilities(used, np.where(known, theta[used], 0.0))
        local = where.reshape(part.shape)
        found = compare(
            given.codes[used], chances, given.full, local,
            "omega" in chosen, "m4" in chosen,
        )  # fmt: skip
        return (*found, known[local].all(axis=1))

    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        done = list(pool.map(work, np.array_split(rows, max(1, len(rows) // CHUNK))))
    matches, mean, sd, gbt, omega, m4, known = (
        np.concatenate([part[n] for part in done]) for n in range(7)
    )
    seen = np.where(known, matches, np.nan)
    found: Columns = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        if "gbt" in chosen:
            found["gbt"] = (seen, np.where(known, gbt, np.nan), seen - mean)
        if "omega_both" in chosen:
            found["omega_both"] = ((seen - mean) / sd, np.where(known, gbt, np.nan), seen - mean)
        if "m4" in chosen:
            found["m4"] = (seen, np.where(known, m4, np.nan), seen - mean)
        if "omega" in chosen:
            twice, way = np.tile(seen, 2), omega.transpose(1, 0, 2).reshape(-1, 3)
            above = twice - way[:, 0]
            tail = np.where(np.isfinite(twice), way[:, 2], np.nan)
            found["omega"] = (above / way[:, 1], tail, above)
    return found


def _pairs_of(
    responses: Responses, number: int, within: str | None, pairs: ArrayLike | None
) -> _Pairs:
    block = responses.blocks[number]
    booklet = responses.design.booklets[number].id
    if pairs is not None:
        return _named(responses, block, booklet, pairs)
    if within is None:
        _require_some(len(block) * (len(block) - 1) // 2 or 1)
        rows = all_pairs(np.array([0]), np.array([len(block)]))
        return _Pairs(rows, np.full(len(rows), booklet))
    names = np.array(responses.group_names(within))
    codes = block.groups[within]
    order = np.argsort(codes, kind="stable")
    order = order[np.searchsorted(codes[order], 0) :]
    found, begins, size = np.unique(codes[order], return_index=True, return_counts=True)
    _require_some(int((size * (size - 1) // 2).sum()) or 1)
    rows = all_pairs(begins, begins + size)
    return _Pairs(order[rows], np.repeat(names[found], size * (size - 1) // 2))


def _named(responses: Responses, block: Block, booklet: str, pairs: ArrayLike) -> _Pairs:
    wanted = np.asarray(pairs)
    known = set(np.concatenate([b.persons for b in responses.blocks]).tolist())
    lost = [name for name in np.unique(wanted).tolist() if name not in known]
    if wanted.ndim != 2 or wanted.shape[1] != 2 or lost:
        raise BadData(
            f"Пары — это таблица из двух столбцов с именами участников; таких нет: {lost[:8]}.",
            f"Pairs must be two columns of names of persons; unknown: {lost[:8]}.",
        )
    place = {name: row for row, name in enumerate(block.persons.tolist())}
    rows = [(place[a], place[b]) for a, b in wanted.tolist() if a in place and b in place]
    return _Pairs(np.array(rows, dtype=np.int64).reshape(-1, 2), np.full(len(rows), booklet))


def _require_all(asked: NDArray[Any], found: list[NDArray[Any]]) -> None:
    """Raise for a pair that no booklet holds: nothing asked for is dropped in silence."""
    held = {tuple(pair) for part in found for pair in part.tolist()}
    apart = [tuple(pair) for pair in asked.tolist() if tuple(pair) not in held]
    if apart:
        raise BadData(
            f"Пары писали разные варианты, сравнить их ответы нельзя: {apart[:8]}. Уберите эти "
            "пары.",
            f"Pairs on different booklets cannot be compared: {apart[:8]}.",
        )


def _indices(wanted: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in wanted if name not in INDICES]
    if unknown or not wanted:
        raise WrongSettings(
            f"Индексов сходства {unknown} нет; есть {', '.join(INDICES)}.",
            f"No similarity indices {unknown}; there are {INDICES}.",
        )
    return tuple(wanted)


def _require_pass_fail(responses: Responses, chosen: tuple[str, ...]) -> None:
    several = [item.id for item in responses.design.items if len(item.scores) > 2]
    if several and set(chosen) & set(wrong.INDICES):
        raise WrongSettings(
            "K и его варианты по баллам определены для заданий, где ответ верен или неверен; "
            f"у заданий {', '.join(several[:8])} баллов больше. Сравнивайте выбранные ответы "
            '(answers="chosen") или возьмите gbt и omega.',
            f"K by scores needs items of two scores, not {several[:8]}; compare chosen answers.",
            items=several,
        )


def _require_some(number: int) -> None:
    if number == 0:
        raise TooFewPersons(
            "Нет ни одной пары работ одного варианта в одной группе: сравнивать нечего.",
            "There is no pair of works on one booklet in one group.",
        )
    if number > MOST_PAIRS:
        raise WrongSettings(
            f"Пар {number:,} — это все работы со всеми. Назовите группировку (within), например "
            "класс, или сами пары.".replace(",", " ", 1),
            f"{number} pairs: name a grouping (within), a class for instance, or the pairs.",
        )
