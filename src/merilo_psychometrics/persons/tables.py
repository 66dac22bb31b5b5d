"""Score-to-ability tables."""

from __future__ import annotations

import numpy as np

from merilo_psychometrics.design import Design
from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.provenance import Provenance, digest

from .results import Method, Normal, ScoreTable
from .solving import by_targets, by_total, equal_slopes, reachable, require_method


def score_tables(
    parameters: ItemParameters,
    design: Design,
    *,
    method: Method = "wle",
    prior: Normal = Normal(),  # noqa: B008 - frozen
) -> tuple[ScoreTable, ...]:
    """Ability and its error for every reachable total score of every booklet, in logits.

    "wle" Warm (1989), "ml" (infinite at the ends), "map" and "eap" with the normal `prior`. With
    unequal slopes or guessing the total score is not sufficient, and only "eap" — the mean ability
    of those who get this total — is defined; the others raise `WrongSettings`. Raises
    `UnknownItem`.
    WLE solves t − E(t | θ) + J/2I = 0, J = Σ over items of the third central moment; ML without
    the second term; MAP with (μ − θ)/σ² for it; EAP = ∫ θ·p(θ | t) dθ, Bock & Mislevy (1982).
    """
    require_method(method)
    settings = {"method": method, "prior": [prior.mean, prior.sd]}
    found = []
    for booklet in design.booklets:
        own = parameters.of(design.items[n] for n in booklet.items)
        scores = reachable(own)
        if method == "eap":
            mean, sd = by_total(own, prior)
            ability, error = mean[scores], sd[scores]
        elif equal_slopes(own):
            targets = scores * own.slope[0]
            none = np.zeros((len(scores), 0), np.int8)
            ability, error = by_targets(own, targets, none, method, prior)
        else:
            raise WrongSettings(
                f"В варианте {booklet.id} у заданий разные наклоны или есть угадывание: один и тот "
                "же балл значит разное. Оцените работы по ответам (estimate_abilities) или "
                "постройте таблицу способом «eap».",
                f"Booklet {booklet.id}: slopes differ; estimate by pattern or use method='eap'.",
                booklets=[booklet.id],
            )
        print_ = digest([own.slope, own.thresholds, own.guessing, scores])
        found.append(
            ScoreTable(
                booklet.id,
                tuple(item.id for item in own.items),
                scores,
                ability,
                error,
                method,
                Provenance("score_tables", print_, settings),
            )
        )
    return tuple(found)
