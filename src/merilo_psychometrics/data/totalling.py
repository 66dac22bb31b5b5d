"""From running counts to the noun: slots with the same items taken together, gaps of booklets filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.design import Booklet, Design
from merilo_psychometrics.errors import UntreatedOmissions
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.statistics import BookletCounts, SufficientStatistics, ranges

from .coding import items_of
from .sources import ScoringRules
from .tally import Counted, Tally, Treatment


def statistics_of(
    tallies: Sequence[Tally],
    treatment: Treatment,
    rules: ScoringRules | None,
    order: Sequence[str] | None,
    settings: dict[str, Any],
) -> SufficientStatistics:
    """Add up the tallies; `order` is that of the items (None: by name).

    An item that somebody of a named booklet responded to was in front of everybody of it: works
    that have nothing there get 0, where that is the decision.
    """
    found = sorted((c for tally in tallies for c in tally.counted()), key=lambda c: c.first)
    held = _held(found)
    if treatment.labelled and not treatment.decided:
        torn = {c.label for c in found if set(c.items) != held[c.label]}
        if torn:
            raise UntreatedOmissions("count", sorted(torn))
    parts: dict[tuple[str, tuple[str, ...]], list[Counted]] = {}
    places = _places(found, order)
    for counts in found:
        given = set(counts.items)
        if treatment.fills:
            given |= held[counts.label] - set(counts.gone)
        if given:
            names = tuple(sorted(given, key=places.__getitem__))
            parts.setdefault((counts.label, names), []).append(counts)
    named = [name for name in places if any(name in items for _, items in parts)]
    highest = dict.fromkeys(named, 0)
    for c in found:
        for name, top in c.tops.items():
            highest[name] = max(highest[name], top)
    items = items_of(named, np.array([highest[name] for name in named], dtype=np.int64), rules)
    index = {name: place for place, name in enumerate(named)}
    booklets, sums = [], []
    met: dict[str, int] = {}
    for number, ((label, names), same) in enumerate(parts.items(), 1):
        positions = [index[name] for name in names]
        met[label] = met.get(label, 0) + 1
        whole = set(names) == held[label]
        own = (label if whole else f"{label}~{met[label]}") if treatment.labelled else str(number)
        booklets.append(Booklet(own, np.array(positions, dtype=np.int32)))
        sums.append(_sum(names, [items[p].max_score for p in positions], same))
    design = Design(items, tuple(booklets))
    made = SufficientStatistics(design, tuple(sums), Provenance("count", ""))
    return made.known_as("count", settings)


def _held(found: Sequence[Counted]) -> dict[str, set[str]]:
    held: dict[str, set[str]] = {}
    for counts in found:
        held.setdefault(counts.label, set()).update(counts.items, counts.gone)
    return held


def _places(found: Sequence[Counted], order: Sequence[str] | None) -> dict[str, int]:
    names = order if order is not None else by_name({n for c in found for n in c.items})
    return {name: place for place, name in enumerate(names)}


def by_name(names: set[str]) -> list[str]:
    """Names of items in order: numbers by size, anything else as text."""
    if all(name.lstrip("-").isdecimal() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def _sum(names: Sequence[str], tops: Sequence[int], parts: Sequence[Counted]) -> BookletCounts:
    """Lay the counts out with a column for every score, 0 among them."""
    widths = np.array(tops, dtype=np.int64) + 1
    columns = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    index = {name: place for place, name in enumerate(names)}
    kind = parts[0].table.dtype
    by_score: NDArray[Any] = np.zeros(sum(tops) + 1, dtype=kind)
    by_item: NDArray[Any] = np.zeros((sum(tops) + 1, columns[-1]), dtype=kind)
    for counts in parts:
        works, cells = counts.table[:, 0], counts.table[:, 1:]
        height = len(works)
        by_score[:height] += works
        own = np.array([index[name] for name in counts.items], dtype=np.int64)
        # Nobody of these met the others: there all have 0.
        by_item[:height, columns[np.delete(np.arange(len(names)), own)]] += works[:, None]
        if not len(own):
            continue
        many = np.array([counts.tops[name] for name in counts.items], dtype=np.int64)
        by_item[:height, ranges(columns[own] + 1, many)] += cells
        none = works[:, None] - np.add.reduceat(cells, np.cumsum(many) - many, axis=1)
        if kind.kind == "f":
            # What is left of weights is rounding where nobody is left.
            none = np.where(none > 1e-9 * works[:, None], none, 0.0)
        by_item[:height, columns[own]] += none
    return BookletCounts(by_score, by_item, columns)
