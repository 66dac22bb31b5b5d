"""Ability of every work."""

from __future__ import annotations

import numpy as np

from merilo_psychometrics import curves
from merilo_psychometrics.likelihood import fitting_nodes, normal_nodes, pack, posterior_moments
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import Responses

from .results import Abilities, Method, Normal
from .solving import by_total, equal_slopes, maximise, require_method


def estimate_abilities(
    responses: Responses,
    parameters: ItemParameters,
    *,
    method: Method = "wle",
    prior: Normal = Normal(),  # noqa: B008 - frozen
) -> Abilities:
    """Estimate the ability of every work from its answers, in logits.

    Methods as in `score_tables`; with unequal slopes and guessing the whole pattern counts. Raises
    `UntreatedOmissions`, `UnknownItem`, `WrongSettings`. WLE: Warm (1989), Psychometrika 54,
    427–450; EAP, MAP: Bock & Mislevy (1982); all as in `score_tables`.
    WLE solves Σ a_i(x_i − E_i) + J/2I = 0, ML without the second term, MAP with (μ − θ)/σ² for it;
    EAP = ∫ θ·p(θ | x) dθ.
    """
    require_method(method)
    responses.require_treated("estimate_abilities")
    design = responses.design
    own = parameters.of(design.items)
    totals = responses.totals()
    ability = np.empty(responses.works)
    error = np.empty(responses.works)
    if method == "eap" and not equal_slopes(own):
        nodes = fitting_nodes(own, design.given, prior.mean, prior.sd)
        discrete = normal_nodes(nodes, np.array([prior.mean]), np.array([prior.sd]))
        logs = curves.log_probabilities(own, nodes)
        for part in pack(responses):
            ability[part.rows], error[part.rows] = posterior_moments(part, logs, discrete)
    else:
        row = 0
        for booklet, block, total in zip(design.booklets, responses.blocks, totals, strict=True):
            rows = slice(row, row + len(block))
            inside = own.only(own.items[n].id for n in booklet.items)
            if method == "eap":
                mean, sd = by_total(inside, prior)
                ability[rows], error[rows] = mean[total], sd[total]
            else:
                ability[rows], error[rows] = maximise(inside, block.scores, method, prior)
            row = rows.stop
    settings = {"method": method, "prior": [prior.mean, prior.sd]}
    return Abilities(
        *identities(responses),
        scores=np.concatenate(totals),
        ability=ability,
        se=error,
        method=method,
        provenance=Provenance("estimate_abilities", responses.data_hash, settings),
    )


def identities(responses: Responses) -> tuple[np.ndarray, np.ndarray]:
    """Person and booklet of every work, in the order of the blocks."""
    persons = np.concatenate([block.persons for block in responses.blocks])
    lengths = [len(block) for block in responses.blocks]
    return persons, np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
