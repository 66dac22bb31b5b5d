"""Ability of every work."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.errors import WrongSettings
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
    prior: Normal | Mapping[str, Normal] = Normal(),  # noqa: B008 - frozen
    grouping: str | None = None,
) -> Abilities:
    """Estimate the ability of every work from its answers, in logits.

    Methods as in `score_tables`; with unequal slopes and guessing the whole pattern counts. `prior`
    by name of a group of `grouping` gives every group its own (those of `Calibration.populations`);
    only MAP and EAP have one. Points of a group pulled to the mean of that group are fair to the
    group, not to the person: two works with equal answers get different abilities.

    WLE solves Σ a_i(x_i − E_i) + J/2I = 0, ML without the second term, MAP with (μ − θ)/σ² for it;
    EAP = ∫ θ·p(θ | x) dθ: Warm (1989), Psychometrika 54, 427–450; EAP, MAP: Bock & Mislevy (1982).
    Raises `UntreatedOmissions`, `UnknownItem`, `WrongSettings`.
    """
    require_method(method)
    responses.require_treated("estimate_abilities")
    design = responses.design
    own = parameters.of(design.items)
    totals = responses.totals()
    ability = np.empty(responses.works)
    error = np.empty(responses.works)
    priors, codes = _priors(responses, method, prior, grouping)
    if method == "eap" and not equal_slopes(own):
        means, sds = np.array([p.mean for p in priors]), np.array([p.sd for p in priors])
        nodes = fitting_nodes(own, design.given, means, sds)
        discrete = normal_nodes(nodes, means, sds)
        logs = curves.log_probabilities(own, nodes)
        for part in pack(responses, groups=codes):
            ability[part.rows], error[part.rows] = posterior_moments(part, logs, discrete)
    else:
        row = 0
        for number, booklet in enumerate(design.booklets):
            block, total = responses.blocks[number], totals[number]
            inside = own.only(own.items[n].id for n in booklet.items)
            for group in np.unique(codes[number]):
                mine = np.flatnonzero(codes[number] == group)
                if method == "eap":
                    mean, sd = by_total(inside, priors[group])
                    found = mean[total[mine]], sd[total[mine]]
                else:
                    found = maximise(inside, block.scores[mine], method, priors[group])
                ability[row + mine], error[row + mine] = found
            row += len(block)
    settings = {
        "method": method,
        "prior": [prior.mean, prior.sd]
        if isinstance(prior, Normal)
        else {name: [own.mean, own.sd] for name, own in prior.items()},
        "grouping": grouping,
    }
    return Abilities(
        *identities(responses),
        scores=np.concatenate(totals),
        ability=ability,
        se=error,
        method=method,
        provenance=Provenance("estimate_abilities", responses.data_hash, settings),
    )


def _priors(
    responses: Responses,
    method: Method,
    prior: Normal | Mapping[str, Normal],
    grouping: str | None,
) -> tuple[list[Normal], tuple[NDArray[np.int32], ...]]:
    """The priors, and the number of that of every work, an array a block."""
    if isinstance(prior, Normal):
        if grouping is not None:
            raise WrongSettings(
                f"Группы «{grouping}» названы, а априорное распределение одно: дайте своё каждой "
                "группе.",
                f"A grouping {grouping!r} needs a prior a group.",
            )
        return [prior], tuple(np.zeros(len(block), np.int32) for block in responses.blocks)
    if grouping is None or method not in ("map", "eap"):
        raise WrongSettings(
            "Априорные распределения по группам нужны способам «map» и «eap» и группировке "
            "(grouping).",
            "Priors by group go with a grouping and the methods map and eap.",
        )
    names = responses.group_names(grouping)
    kept = [name for name in names if name in prior]
    place = np.array([kept.index(n) if n in prior else -1 for n in names] + [-1], dtype=np.int32)
    codes = tuple(place[block.groups[grouping]] for block in responses.blocks)
    if any((part < 0).any() for part in codes):
        lost = [name for name in names if name not in prior]
        raise WrongSettings(
            f"Нет априорного распределения для групп {', '.join(lost[:8]) or 'работ без группы'}.",
            f"No prior for groups {lost[:8]}, or works have no group.",
        )
    return [prior[name] for name in kept], codes


def identities(responses: Responses) -> tuple[np.ndarray, np.ndarray]:
    """Person and booklet of every work, in the order of the blocks."""
    persons = np.concatenate([block.persons for block in responses.blocks])
    lengths = [len(block) for block in responses.blocks]
    return persons, np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
