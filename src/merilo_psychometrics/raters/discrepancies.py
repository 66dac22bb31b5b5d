"""Where two raters differ too much on one work, and how often raters agree exactly or nearly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from merilo_psychometrics.errors import TooFewPersons, UnknownItem, WrongSettings
from merilo_psychometrics.provenance import Provenance

from .ratings import Ratings


@dataclass(frozen=True)
class DiscrepancyRule:
    """The largest differences of two raters that need no third one, in points.

    `items`: for one item — a number for all, or by item name (items not named are not checked);
    `total`: for the sum over the items both marked. None: not checked. A larger difference calls
    for a third marker. The numbers come from the order of the examination, the engine has none.
    """

    items: int | Mapping[str, int] | None = None
    total: int | None = None


@dataclass(frozen=True)
class Discrepancy:
    """Two marks of one work that differ by more than allowed; `item` None: the total."""

    person: Any
    item: str | None
    raters: tuple[str, str]
    marks: tuple[int, int]
    allowed: int

    @property
    def difference(self) -> int:
        """Points between the marks."""
        return abs(self.marks[0] - self.marks[1])


@dataclass(frozen=True)
class Discrepancies:
    """All discrepancies found, and among how many pairs of marks (of totals) they were looked for."""

    found: tuple[Discrepancy, ...]
    compared: int
    provenance: Provenance

    @property
    def persons(self) -> tuple[Any, ...]:
        """Whose works need a third marker, in the order of the marks."""
        return tuple(dict.fromkeys(row.person for row in self.found))


def find_discrepancies(ratings: Ratings, rule: DiscrepancyRule) -> Discrepancies:
    """Find every pair of raters whose marks of one work break the rule.

    Marks of different periods are not compared. Raises `WrongSettings` for an empty rule,
    `UnknownItem` for a rule about an item nobody marked. The rule is that of the assessment; no
    paper stands behind it.
    """
    names = [item.id for item in ratings.items]
    by_item = rule.items
    if by_item is None and rule.total is None:
        raise WrongSettings(
            "Правило пусто: назовите предел расхождения по заданию или по сумме.",
            "The rule is empty: give a limit by item or by total.",
        )
    allowed: dict[int, int] = {}
    if isinstance(by_item, Mapping):
        unknown = [name for name in by_item if name not in names]
        if unknown:
            raise UnknownItem(unknown)
        allowed = {names.index(name): limit for name, limit in by_item.items()}
    elif by_item is not None:
        allowed = dict.fromkeys(range(len(names)), by_item)
    found, compared = [], 0
    for person, marks in _works(ratings):
        for first, second in combinations(sorted(marks), 2):
            common = sorted(marks[first].keys() & marks[second].keys())
            who = (ratings.raters[first], ratings.raters[second])
            for item in common:
                if item not in allowed:
                    continue
                compared += 1
                pair = (marks[first][item], marks[second][item])
                if abs(pair[0] - pair[1]) > allowed[item]:
                    found.append(Discrepancy(person, names[item], who, pair, allowed[item]))
            if rule.total is not None and common:
                compared += 1
                sums = tuple(sum(marks[r][item] for item in common) for r in (first, second))
                if abs(sums[0] - sums[1]) > rule.total:
                    found.append(Discrepancy(person, None, who, (sums[0], sums[1]), rule.total))
    limits = dict(by_item) if isinstance(by_item, Mapping) else by_item
    return Discrepancies(
        tuple(found),
        compared,
        Provenance(
            "find_discrepancies", ratings.data_hash, {"items": limits, "total": rule.total}
        ),
    )


def _works(ratings: Ratings) -> Iterator[tuple[Any, dict[int, dict[int, int]]]]:
    """Marks of every person (in every period): rater → item → mark."""
    period = np.zeros(len(ratings), np.int32) if ratings.period is None else ratings.period
    order = np.lexsort((ratings.rater, ratings.item, period, ratings.person))
    before: tuple[int, int] | None = None
    marks: dict[int, dict[int, int]] = {}
    for row in order.tolist():
        work = (int(ratings.person[row]), int(period[row]))
        if before is not None and work != before:
            yield ratings.persons[before[0]], marks
            marks = {}
        before = work
        marks.setdefault(int(ratings.rater[row]), {})[int(ratings.item[row])] = int(
            ratings.score[row]
        )
    if before is not None:
        yield ratings.persons[before[0]], marks


@dataclass(frozen=True)
class PairAgreement:
    """How two raters agree: shares of `works` with equal and with near marks.

    `exact_lower`, `exact_upper`: Wilson (1927) score interval; `difference`: mean of the first
    rater's mark − the second's, points.
    """

    raters: tuple[str, str] | None
    works: int
    exact: float
    exact_lower: float
    exact_upper: float
    adjacent: float
    difference: float


def exact_adjacent(
    ratings: Ratings, *, within: int = 1, item: str | None = None, level: float = 0.95
) -> tuple[PairAgreement, ...]:
    """Shares of exact agreement and of marks not more than `within` points apart, by pair of raters.

    The first row (`raters` None) is over all pairs; its interval is only a guide, since one work
    may be in several pairs. Raises `TooFewPersons` when no work has two marks. Plain shares (exact
    and adjacent agreement), no model and no paper.

    Source: Stemler (2004), consensus estimates of agreement; share = number of |a − b| ≤ `within`
    over the number of pairs of marks.
    """
    table = ratings.by_rater(item)
    rows: list[PairAgreement] = []
    every: list[NDArray[np.float64]] = []
    for first, second in combinations(range(len(ratings.raters)), 2):
        away = table[:, first] - table[:, second]
        away = away[~np.isnan(away)]
        if len(away):
            every.append(away)
            who = (ratings.raters[first], ratings.raters[second])
            rows.append(_pair(who, away, within, level))
    if not rows:
        raise TooFewPersons(
            "Ни одна работа не оценена двумя экспертами: согласие не посчитать.",
            "No work was marked by two raters.",
        )
    return (_pair(None, np.concatenate(every), within, level), *rows)


def _pair(
    raters: tuple[str, str] | None, away: NDArray[np.float64], within: int, level: float
) -> PairAgreement:
    works, exact = len(away), float(np.mean(away == 0))
    z = float(norm.ppf((1 + level) / 2))
    centre = (exact + z**2 / (2 * works)) / (1 + z**2 / works)
    half = z * np.sqrt(exact * (1 - exact) / works + z**2 / (4 * works**2)) / (1 + z**2 / works)
    return PairAgreement(
        raters,
        works,
        exact,
        max(0.0, float(centre - half)),
        min(1.0, float(centre + half)),
        float(np.mean(np.abs(away) <= within)),
        float(away.mean()),
    )
