"""The noun of DIF: one comparison of two groups, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.multiplicity import adjusted
from merilo_psychometrics.provenance import Provenance

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dif:
    """How an item favours a group at equal ability, for every focal group and item.

    `statistic`, `p`, `effect`, `se`, `low`, `high` are [focal groups, items]; NaN where no stratum
    holds both groups and both outcomes (nothing to compare). `degrees` are those of the χ². The
    effect is named by `effect_unit`; positive favours the focal group unless said otherwise there.
    `classes` [focal groups, items] are the size classes of `rule`, "" where NaN. `more` holds what
    only this method gives. `removed` names, for each focal group, the items purification took out
    of the matching score.
    """

    method: str
    reference: str
    focal: tuple[str, ...]
    items: tuple[str, ...]
    statistic: Array
    degrees: NDArray[np.int64]
    p: Array
    effect: Array
    se: Array
    effect_unit: str
    classes: NDArray[Any]
    rule: str
    works: Array
    more: dict[str, Array]
    removed: tuple[tuple[str, ...], ...]
    provenance: Provenance

    @cached_property
    def q(self) -> Array:
        """p adjusted for all items and groups tested together (Benjamini & Hochberg).

        Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57, 289–300.
        """
        return adjusted(self.p)

    @property
    def low(self) -> Array:
        """Lower end of the 95 % interval of the effect."""
        return np.asarray(self.effect - 1.959963984540054 * self.se)

    @property
    def high(self) -> Array:
        """Upper end of the 95 % interval of the effect."""
        return np.asarray(self.effect + 1.959963984540054 * self.se)

    def beyond(self, rate: float = 0.05) -> tuple[tuple[str, str], ...]:
        """(focal group, item) with q at most `rate`, the smallest q first: to be read by experts.

        A difference is not unfairness: whether it belongs to what is measured, people decide.
        """
        order = np.argsort(self.q, axis=None, kind="stable")[: int(np.sum(self.q <= rate))]
        rows, columns = np.unravel_index(order, self.q.shape)
        return tuple(
            (self.focal[row], self.items[column])
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        )


def stacked(parts: list[Dif]) -> Dif:
    """Join comparisons with the same reference and method, one focal group each."""
    first = parts[0]
    return Dif(
        first.method,
        first.reference,
        tuple(part.focal[0] for part in parts),
        first.items,
        np.concatenate([part.statistic for part in parts]),
        first.degrees,
        np.concatenate([part.p for part in parts]),
        np.concatenate([part.effect for part in parts]),
        np.concatenate([part.se for part in parts]),
        first.effect_unit,
        np.concatenate([part.classes for part in parts]),
        first.rule,
        np.concatenate([part.works for part in parts]),
        {name: np.concatenate([part.more[name] for part in parts]) for name in first.more},
        tuple(part.removed[0] for part in parts),
        first.provenance,
    )
