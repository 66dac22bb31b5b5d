"""Answers one by one: which wrong ones draw, and whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses

Array = NDArray[np.float64]
NO_ANSWER = ""


@dataclass(frozen=True, eq=False)
class Answer:
    """One answer to one item on one booklet.

    `share` of the works gave it; `rest_mean`: their mean score on the other items, in points;
    `rest_correlation`: of giving it with that score (NaN where nobody or everybody did). `by_group`
    [groups]: share among works of rising total score. The answer "" is none of the known ones.
    """

    booklet: str
    item: str
    answer: str
    score: int
    works: float
    share: float
    rest_mean: float
    rest_correlation: float
    by_group: Array


@dataclass(frozen=True, eq=False)
class DistractorAnalysis:
    """All answers, in the order of booklets, items and their responses."""

    answers: tuple[Answer, ...]
    groups: int
    provenance: Provenance

    def suspicious(self) -> tuple[Answer, ...]:
        """Answers of less than full score that better works choose rather than a key of the item.

        A sign of a wrong key or of an ambiguous task: for a person to look at. A rule of thumb of
        this engine, no test of a hypothesis: no paper stands behind the limit.
        """
        found = []
        best: dict[tuple[str, str], float] = {}
        top: dict[tuple[str, str], int] = {}
        for answer in self.answers:
            place = (answer.booklet, answer.item)
            top[place] = max(top.get(place, 0), answer.score)
        for answer in self.answers:
            place = (answer.booklet, answer.item)
            if answer.score == top[place]:
                best[place] = max(
                    best.get(place, -1.0), float(np.nan_to_num(answer.rest_correlation))
                )
        for answer in self.answers:
            place = (answer.booklet, answer.item)
            below = answer.score < top[place] and answer.answer != NO_ANSWER
            if below and answer.rest_correlation > max(best[place], 0.0):
                found.append(answer)
        return tuple(found)


def analyse_distractors(responses: Responses, *, groups: int = 5) -> DistractorAnalysis:
    """Count every answer, with who gave it; `groups` of equal size by total score.

    Works of one total stand in one group. Raises `WrongSettings` when the answers were not kept,
    `UntreatedOmissions`. Shares and item-rest correlations of options by groups of the total:
    Gierl, Bulut, Guo & Zhang (2017), Rev. Educ. Res. 87, 1082–1116.
    With y = 1 where the answer was given: shares Σy/n by group, r(y, total − score of the item).
    """
    responses.require_treated("analyse_distractors")
    if any(block.chosen is None for block in responses.blocks) or groups < 2:
        raise WrongSettings(
            "Ответы не сохранены, есть только баллы. Прочтите данные с keep_answers=True; групп "
            "должно быть не меньше двух.",
            "Answers were not kept; read with keep_answers=True, and ask for 2 groups or more.",
        )
    found: list[Answer] = []
    design = responses.design
    for booklet, block in zip(design.booklets, responses.blocks, strict=True):
        chosen = block.chosen
        assert chosen is not None
        weights = np.ones(len(block)) if block.weights is None else block.weights
        works = float(weights.sum())
        totals = block.scores.sum(axis=1, dtype=np.int64)
        group = _groups(totals, weights, groups)
        in_group = np.bincount(group, weights=weights, minlength=groups)
        for column, position in enumerate(booklet.items):
            item = design.items[position]
            rest = (totals - block.scores[:, column]).astype(np.float64)
            for code in range(-1, len(item.responses)):
                gave = chosen[:, column] < 0 if code < 0 else chosen[:, column] == code
                number = float(weights[gave].sum())
                if code < 0 and not number:
                    continue
                text, score = (NO_ANSWER, 0) if code < 0 else item.responses[code]
                by_group = np.bincount(group[gave], weights=weights[gave], minlength=groups)
                found.append(
                    Answer(
                        booklet=booklet.id,
                        item=item.id,
                        answer=text,
                        score=score,
                        works=number,
                        share=number / works,
                        rest_mean=float(np.average(rest[gave], weights=weights[gave]))
                        if number
                        else float("nan"),
                        rest_correlation=_correlation(gave.astype(np.float64), rest, weights),
                        by_group=np.divide(
                            by_group, in_group, out=np.full(groups, np.nan), where=in_group > 0
                        ),
                    )
                )
    settings = {"groups": groups}
    provenance = Provenance("analyse_distractors", responses.data_hash, settings)
    return DistractorAnalysis(tuple(found), groups, provenance)


def _groups(totals: NDArray[np.int64], weights: Array, groups: int) -> NDArray[np.int64]:
    """Number of the group of every work: by the middle rank of its total."""
    by_total = np.bincount(totals, weights=weights)
    middle = (np.cumsum(by_total) - by_total / 2.0) / by_total.sum()
    return np.asarray(np.minimum((middle * groups).astype(np.int64), groups - 1)[totals])


def _correlation(one: Array, two: Array, weights: Array) -> float:
    works = weights.sum()
    one = one - (weights @ one) / works
    two = two - (weights @ two) / works
    size = float((weights @ one**2) * (weights @ two**2))
    return float((weights * one) @ two) / size**0.5 if size > 1e-12 else float("nan")
