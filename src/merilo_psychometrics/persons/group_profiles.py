"""Content profiles of groups: does a school do better on a part than its works' totals let expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from merilo_psychometrics.errors import BadData
from merilo_psychometrics.responses import Responses

from .results import Profiles


@dataclass(frozen=True)
class GroupProfile:
    """One group on one part: mean of (observed − expected) over its works, in points.

    `se` is of that mean when the works answer independently given their totals (NaN where the total
    leaves no freedom), `z` their ratio. Works of a group without the part are not counted.
    """

    group: str
    domain: str
    works: float
    difference: float
    se: float

    @property
    def z(self) -> float:
        """`difference` / `se`; NaN where the error is not known."""
        return self.difference / self.se if self.se > 0 else float("nan")


def group_profiles(
    found: Profiles, responses: Responses, grouping: str
) -> tuple[GroupProfile, ...]:
    """Average the profiles of the works of every group of `grouping`.

    The differences of independent works add up with their variances (Verhelst 2012, profile
    analysis, aggregation over persons). Weights count as numbers of works. `responses` are those
    the profiles were made of. Raises `BadData`.
    z = Σ (X_d − E(X_d | total))/√Σ Var(X_d | total) over the works of the group.
    """
    names = responses.group_names(grouping)
    if responses.works != len(found.persons):
        raise BadData(
            f"Профилей {len(found.persons)}, а работ {responses.works}: передайте те же ответы.",
            f"{len(found.persons)} profiles but {responses.works} works.",
        )
    code = np.concatenate([block.groups[grouping] for block in responses.blocks])
    weight = np.concatenate(
        [np.ones(len(b)) if b.weights is None else b.weights for b in responses.blocks]
    )
    made = []
    for n, name in enumerate(names):
        for place, domain in enumerate(found.domains):
            rows = (code == n) & ~np.isnan(found.observed[:, place])
            mass = weight[rows]
            if mass.sum() <= 0:
                continue
            away = found.observed[rows, place] - found.expected[rows, place]
            variance = float(mass @ found.sd[rows, place] ** 2)
            made.append(
                GroupProfile(
                    name,
                    domain,
                    float(mass.sum()),
                    float(mass @ away / mass.sum()),
                    float(np.sqrt(variance) / mass.sum()) if variance > 1e-12 else float("nan"),
                )
            )
    return tuple(made)
