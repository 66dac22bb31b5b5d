"""Content profiles: where a work is stronger and weaker than its total score lets expect."""

from __future__ import annotations

import numpy as np

from merilo_psychometrics import curves
from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.likelihood import fitting_nodes
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses

from .estimation import identities
from .results import Array, Normal, Profiles
from .solving import maximise


def profiles(
    responses: Responses,
    parameters: ItemParameters,
    *,
    prior: Normal = Normal(),  # noqa: B008 - frozen
) -> Profiles:
    """Score on every `Item.domain`, against its distribution given the total score.

    P(X_d = u | X = s) = ∫ p_d(u|θ) p_rest(s − u|θ) φ(θ) dθ / ∫ p(s|θ) φ(θ) dθ; with equal slopes it
    does not depend on θ or φ (Verhelst 2012, profile analysis); else `prior` is φ. Items
    without a domain count in the total alone. Raises `UntreatedOmissions`, `UnknownItem`, and
    `WrongSettings` when no item has a domain.
    """
    responses.require_treated("profiles")
    design = responses.design
    own = parameters.of(design.items)
    domains = tuple(dict.fromkeys(i.domain for i in design.items if i.domain is not None))
    if not domains:
        raise WrongSettings(
            "Ни у одного задания не указан раздел содержания: назовите его (Item.domain) в "
            "таблице заданий.",
            "No item has a domain.",
        )
    shape = (responses.works, len(domains))
    observed, expected, sd, ability, error = (np.full(shape, np.nan) for _ in range(5))
    totals = responses.totals()
    row = 0
    for booklet, block, total in zip(design.booklets, responses.blocks, totals, strict=True):
        rows = slice(row, row + len(block))
        row = rows.stop
        inside = own.only(own.items[n].id for n in booklet.items)
        for place, domain in enumerate(domains):
            mine = np.array([design.items[n].domain == domain for n in booklet.items])
            if not mine.any():
                continue
            part = inside.only(
                item.id for item, own_ in zip(inside.items, mine, strict=True) if own_
            )
            scores = block.scores[:, mine]
            observed[rows, place] = scores.sum(axis=1)
            mean, spread = _given_total(inside, mine, prior)
            expected[rows, place], sd[rows, place] = mean[total], spread[total]
            ability[rows, place], error[rows, place] = maximise(part, scores, "wle", prior)
    settings = {"prior": [prior.mean, prior.sd]}
    return Profiles(
        domains,
        *identities(responses),
        scores=np.concatenate(totals),
        observed=observed,
        expected=expected,
        sd=sd,
        ability=ability,
        se=error,
        provenance=Provenance("profiles", responses.data_hash, settings),
    )


def _given_total(
    parameters: ItemParameters, mine: np.ndarray, prior: Normal
) -> tuple[Array, Array]:
    """Mean and standard deviation of the score on some items for every total, each [M + 1]."""
    given = np.ones((1, len(mine)), dtype=bool)
    nodes = fitting_nodes(parameters, given, prior.mean, prior.sd)
    weights = np.exp(-0.5 * ((nodes - prior.mean) / prior.sd) ** 2)
    names = np.array([item.id for item in parameters.items])
    part = curves.score_distribution(parameters.only(names[mine]), nodes)
    if mine.all():
        rest = np.ones((len(nodes), 1))
    else:
        rest = curves.score_distribution(parameters.only(names[~mine]), nodes)
    joint = part.T @ (rest * weights[:, None])  # [score on the part, score on the rest]
    size = part.shape[1] + rest.shape[1] - 1
    mass, first, second = np.zeros(size), np.zeros(size), np.zeros(size)
    for score in range(part.shape[1]):
        span = slice(score, score + rest.shape[1])
        mass[span] += joint[score]
        first[span] += score * joint[score]
        second[span] += score**2 * joint[score]
    reached = mass > 0
    mean, sd = np.full(size, np.nan), np.full(size, np.nan)
    mean[reached] = first[reached] / mass[reached]
    variance = second[reached] / mass[reached] - mean[reached] ** 2
    sd[reached] = np.sqrt(np.maximum(variance, 0.0))
    return mean, sd
