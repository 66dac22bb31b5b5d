"""Responses drawn from a model, with the truth kept beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.design import Design, Item
from merilo_psychometrics.errors import WrongSettings, listed
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.responses import Block, Responses

Array = NDArray[np.float64]
# Uniform numbers held at once while drawing.
CHUNK = 4_000_000


@dataclass(frozen=True)
class Cohort:
    """A group of works with a normal ability, in logits: `works` of them on each booklet."""

    name: str
    works: int
    mean: float = 0.0
    sd: float = 1.0


@dataclass(frozen=True, eq=False)
class Simulation:
    """Responses and the truth: `abilities[b]` [works of booklet b], in logits."""

    responses: Responses
    abilities: tuple[Array, ...]
    parameters: ItemParameters


def draw_scores(
    parameters: ItemParameters, abilities: Array, *, rng: np.random.Generator
) -> NDArray[np.int8]:
    """Draw a score on every item for every ability, int8 [abilities, items].

    Rasch, PCM, 2PL, GPCM, 3PL alike: the model of `parameters`. Local independence holds.
    Inversion: Devroye (1986), Non-Uniform Random Variate Generation, §III.2.
    """
    scores = curves.score_table(parameters).astype(np.int8)
    sums = np.where(np.isinf(curves.intercepts(parameters)), 0.0, curves.intercepts(parameters))
    items = len(parameters.items)
    drawn = np.empty((len(abilities), items), dtype=np.int8)
    rows = max(1, CHUNK // items)
    chance = np.empty((min(rows, max(1, len(abilities))), items))
    for first in range(0, len(abilities), rows):
        part = np.ascontiguousarray(abilities[first : first + rows], dtype=np.float64)
        uniform = chance[: len(part)]
        rng.random(out=uniform)
        _draw(part, uniform, parameters.slope, sums, scores, parameters.steps,
              parameters.guessing, drawn[first : first + rows])  # fmt: skip
    return drawn


def simulate_responses(
    parameters: ItemParameters,
    design: Design,
    cohorts: Sequence[Cohort],
    *,
    rng: np.random.Generator,
    grouping: str = "group",
    groups: Mapping[str, tuple[int, float]] | None = None,
) -> Simulation:
    """Draw works of every cohort on every booklet of a design.

    `grouping` names the cohorts in the responses. `groups` adds groupings that cut across them:
    `{"school": (200, 0.5)}` deals every booklet out to 200 schools whose mean abilities differ
    with SD 0.5 logits. In a multi-stage design each cohort takes the whole test and everybody
    lands in the booklet the score led to, so `works` counts the test, not a booklet.
    Raises `WrongSettings`.
    """
    if [item.id for item in parameters.items] != [item.id for item in design.items]:
        parameters = parameters.only(item.id for item in design.items)
    names = tuple(cohort.name for cohort in cohorts)
    shifts = {g: rng.normal(0.0, sd, n) for g, (n, sd) in (groups or {}).items()}
    labels = {g: tuple(f"{g}-{k:0{len(str(n))}d}" for k in range(1, n + 1))
              for g, (n, _) in (groups or {}).items()}  # fmt: skip
    staged = any(booklet.stages for booklet in design.booklets)
    truth: list[list[Array]] = [[] for _ in design.booklets]
    parts: list[list[tuple[NDArray[np.int8], dict[str, NDArray[np.int32]]]]]
    parts = [[] for _ in design.booklets]
    for code, cohort in enumerate(cohorts):
        for place in range(1 if staged else len(design.booklets)):
            theta = rng.normal(cohort.mean, cohort.sd, cohort.works)
            codes = {grouping: np.full(cohort.works, code, dtype=np.int32)}
            for g, shift in shifts.items():
                codes[g] = rng.integers(0, len(shift), cohort.works, dtype=np.int32)
                theta = theta + shift[codes[g]]
            if staged:
                whole = draw_scores(parameters, theta, rng=rng)
                for booklet, rows in enumerate(_routes(design, whole)):
                    scores = whole[np.ix_(rows, design.booklets[booklet].items)]
                    parts[booklet].append((scores, {g: c[rows] for g, c in codes.items()}))
                    truth[booklet].append(theta[rows])
                continue
            there = design.booklets[place].items
            given = parameters.only(design.items[n].id for n in there)
            parts[place].append((draw_scores(given, theta, rng=rng), codes))
            truth[place].append(theta)
    blocks, number = [], 1
    for drawn in parts:
        scores = np.concatenate([part for part, _ in drawn])
        codes = {g: np.concatenate([c[g] for _, c in drawn]) for g in (grouping, *shifts)}
        blocks.append(Block(scores, np.arange(number, number + len(scores)), None, codes))
        number += len(scores)
    responses = Responses(design, tuple(blocks), {grouping: names, **labels})
    return Simulation(responses, tuple(np.concatenate(part) for part in truth), parameters)


def _routes(design: Design, whole: NDArray[np.int8]) -> list[NDArray[np.int64]]:
    """Rows of every path: the scores of every stage lie in the range that leads along it."""
    found, taken = [], np.zeros(len(whole), dtype=np.int64)
    for booklet in design.booklets:
        there = np.ones(len(whole), dtype=bool)
        so_far = np.zeros(len(whole), dtype=np.int64)
        for stage in booklet.stages:
            own = whole[:, booklet.items[list(stage.items)]].sum(axis=1, dtype=np.int64)
            so_far = so_far + own
            score = so_far if stage.cumulative else own
            there &= (score >= stage.lowest) & (score <= stage.highest)
        taken += there
        found.append(np.flatnonzero(there))
    if (taken != 1).any():
        raise WrongSettings(
            "Маршруты многоэтапного теста не ведут каждого участника ровно в один вариант: "
            "проверьте границы баллов этапов.",
            "The paths of the multi-stage test do not lead everybody to exactly one booklet.",
            booklets=[booklet.id for booklet in design.booklets],
        )
    return found


def with_choices(
    simulation: Simulation, *, options: int = 4, rng: np.random.Generator
) -> Simulation:
    """Turn items of 0/1 into choice items: a wrong answer is one of the distractors.

    The distractors of an item attract unequally, and the weaker the person the more the most
    attractive one — log-odds fall by 0.3 a logit from one distractor to the next, as in the
    nominal model of Bock (1972).
    Raises `WrongSettings`.
    """
    design = simulation.responses.design
    long = [item.id for item in design.items if item.scores != (0, 1)]
    if long:
        raise WrongSettings(
            f"Выбор ответа есть только у заданий с баллами 0 и 1, а не у {listed(long)}.",
            f"Only items of 0/1 are choice items, not {listed(long)}.",
            items=long,
        )
    letters = [chr(ord("A") + n) for n in range(options)]
    keys = rng.integers(0, options, len(design.items))
    pull = rng.normal(0.0, 0.6, (len(design.items), options))
    items: list[Item] = []
    for item, right in zip(design.items, keys, strict=True):
        answers = tuple((letter, int(n == right)) for n, letter in enumerate(letters))
        items.append(replace(item, responses=answers))
    blocks = []
    held = zip(design.booklets, simulation.responses.blocks, simulation.abilities, strict=True)
    for booklet, block, theta in held:
        chosen = np.empty(block.scores.shape, dtype=np.int16)
        for column, position in enumerate(booklet.items):
            logits = pull[position] - 0.3 * theta[:, None] * np.arange(options)
            logits[:, keys[position]] = -np.inf
            wrong = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
            right = block.scores[:, column] == 1
            chosen[:, column] = np.where(right, keys[position], wrong)
        blocks.append(replace(block, chosen=chosen))
    made = Responses(
        Design(tuple(items), design.booklets), tuple(blocks), simulation.responses.groups
    )
    return replace(simulation, responses=made)


@njit(cache=True, nogil=True)
def _draw(
    theta: Any, uniform: Any, slope: Any, sums: Any, scores: Any, steps: Any, guessing: Any,
    drawn: Any,
) -> None:  # fmt: skip
    works, items = drawn.shape
    weight = np.empty(sums.shape[1])
    for work in range(works):
        for item in range(items):
            if guessing[item] > 0.0 or steps[item] == 1:
                right = 1.0 / (
                    1.0 + np.exp(-slope[item] * (scores[item, 1] * theta[work] - sums[item, 1]))
                )
                right = guessing[item] + (1.0 - guessing[item]) * right
                drawn[work, item] = scores[item, 1] if uniform[work, item] < right else 0
                continue
            highest = -1e300
            for step in range(steps[item] + 1):
                weight[step] = slope[item] * (scores[item, step] * theta[work] - sums[item, step])
                highest = max(highest, weight[step])
            total = 0.0
            for step in range(steps[item] + 1):
                weight[step] = np.exp(weight[step] - highest)
                total += weight[step]
            left = uniform[work, item] * total
            reached = 0
            while reached < steps[item] and left >= weight[reached]:
                left -= weight[reached]
                reached += 1
            drawn[work, item] = scores[item, reached]
