"""Plausible values: draws from what is known of a work, for statements about groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merilo_psychometrics import curves
from merilo_psychometrics.calibration import Population, calibrate_mml
from merilo_psychometrics.errors import BadData, WrongSettings
from merilo_psychometrics.likelihood import fitting_nodes, normal_nodes, pack, posterior_weights
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses

from .estimation import identities
from .kernels import draw
from .results import PlausibleValues


def draw_plausible_values(
    responses: Responses,
    parameters: ItemParameters,
    *,
    rng: np.random.Generator,
    draws: int = 5,
    populations: Sequence[Population] | None = None,
    grouping: str | None = None,
) -> PlausibleValues:
    """Draw abilities from the posterior of every work given its answers and its group, in logits.

    Mislevy (1991): p(θ | x, g) ∝ P(x | θ)·N(θ; μ_g, σ_g). Without `populations` the normal
    distributions of the groups of `grouping` are estimated first, the items held
    (`calibrate_mml(anchors=…)`); both are then taken as known. A mean or share computed with each
    draw apart and averaged is unbiased for the group, which one of point estimates is not. Raises
    as `calibrate_mml`.
    Raises also `WrongSettings`.
    """
    if draws < 1:
        raise WrongSettings(
            "Нужно хотя бы одно правдоподобное значение на работу.", f"draws={draws} < 1."
        )
    responses.require_treated("draw_plausible_values")
    design = responses.design
    own = parameters.of(design.items)
    found = populations
    if found is None:
        found = calibrate_mml(responses, model="gpcm", grouping=grouping, anchors=own).populations
    codes = _codes(responses, found, grouping)
    means, sds = np.array([p.mean for p in found]), np.array([p.sd for p in found])
    nodes = fitting_nodes(own, design.given, means, sds)
    prior, logs = normal_nodes(nodes, means, sds), curves.log_probabilities(own, nodes)
    uniform = rng.random((responses.works, draws))
    values = np.empty((responses.works, draws))
    for part in pack(responses, groups=codes):
        for rows, weights, _ in posterior_weights(part, logs, prior):
            works = part.rows[rows]
            values[works] = draw(weights, uniform[works], nodes)
    settings = {
        "draws": draws,
        "grouping": grouping,
        "populations": [[p.group, p.mean, p.sd] for p in found],
        "estimated": populations is None,
    }
    entropy = getattr(rng.bit_generator.seed_seq, "entropy", None)
    return PlausibleValues(
        *identities(responses),
        values=values,
        populations=tuple(found),
        provenance=Provenance(
            "draw_plausible_values",
            responses.data_hash,
            settings,
            entropy if isinstance(entropy, int) else None,
        ),
    )


def _codes(
    responses: Responses, populations: Sequence[Population], grouping: str | None
) -> tuple[np.ndarray, ...]:
    """Number of the population of every work, a block at a time."""
    if grouping is None:
        if len(populations) != 1:
            raise WrongSettings(
                f"Распределений {len(populations)}, а группировка не названа: назовите grouping.",
                f"{len(populations)} populations and no grouping.",
            )
        return tuple(np.zeros(len(block), np.int32) for block in responses.blocks)
    names = responses.group_names(grouping)
    known = {population.group: place for place, population in enumerate(populations)}
    place = np.array([known.get(name, -1) for name in names] + [-1], dtype=np.int32)
    codes = tuple(place[block.groups[grouping]] for block in responses.blocks)
    if any((part < 0).any() for part in codes):
        lost = [name for name in names if name not in known]
        raise WrongSettings(
            f"Нет распределения для групп {', '.join(lost[:8]) or 'работ без группы'}: оцените их "
            "вместе (populations=None) или уберите эти работы (where).",
            f"No population for groups {lost[:8]}.",
        )
    return codes


@dataclass(frozen=True)
class GroupMean:
    """Mean and standard deviation of ability in one group, logits, by plausible values.

    `se` holds for works drawn independently; where schools were drawn it is too small, see
    `standards.impact_table(clusters=…)`. NaN with one draw.
    """

    group: str
    works: float
    mean: float
    se: float
    sd: float


def group_means(
    values: PlausibleValues, responses: Responses, grouping: str | None = None
) -> tuple[GroupMean, ...]:
    """Mean of every group, each draw apart and then averaged; of all works without `grouping`.

    Rubin (1987) §3.1, Mislevy (1991): the variance of the mean is that within the draws
    plus (1 + 1/M) of that between them. Weights count as numbers of works. Raises `BadData`.
    Var = W + (1 + 1/M)·B.
    """
    if responses.works != len(values.values):
        raise BadData(
            f"Значений {len(values.values)}, а работ {responses.works}: передайте те же ответы.",
            f"{len(values.values)} rows of values but {responses.works} works.",
        )
    weight = np.concatenate(
        [np.ones(len(b)) if b.weights is None else b.weights for b in responses.blocks]
    )
    names = responses.group_names(grouping) if grouping else ("",)
    code = np.zeros(len(weight), dtype=np.int32)
    if grouping:
        code = np.concatenate([block.groups[grouping] for block in responses.blocks])
    draws = values.values.shape[1]
    found = []
    for n, name in enumerate(names):
        mine = code == n
        works = float(weight[mine].sum())
        if works <= 0:
            continue
        share = weight[mine] / works
        means = share @ values.values[mine]
        spread = share @ (values.values[mine] - means) ** 2
        between = float(means.var(ddof=1)) if draws > 1 else float("nan")
        se = float(np.sqrt(spread.mean() / works + (1 + 1 / draws) * between))
        found.append(
            GroupMean(name, works, float(means.mean()), se, float(np.sqrt(spread.mean())))
        )
    return tuple(found)
