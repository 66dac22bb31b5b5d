"""Levels and the probability of a wrong decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtr

from merilo_psychometrics.errors import WrongSettings
from merilo_psychometrics.provenance import Provenance, digest

from .results import Abilities, Classification, ScoreTable


def classify(
    abilities: Abilities | ScoreTable | Sequence[ScoreTable],
    cuts: Mapping[str, float] | Sequence[float],
) -> Classification:
    """Put works (or the scores of tables) into levels cut at abilities in logits.

    `cuts` are rising; a mapping names the level that begins at each cut. The true ability is taken
    as normal around the estimate with its standard error (Rudner 2001, 2005), so
    P(level l) = Φ((c_{l+1} − θ̂)/SE) − Φ((c_l − θ̂)/SE). Raises `WrongSettings`.
    """
    named = cuts if isinstance(cuts, Mapping) else None
    edges = np.array(list(named.values()) if named is not None else list(cuts), dtype=np.float64)
    if not len(edges) or (np.diff(edges) <= 0).any() or not np.isfinite(edges).all():
        raise WrongSettings(
            "Границы уровней должны быть числами и возрастать.",
            f"Cuts must be finite and rise, got {edges.tolist()}.",
        )
    names = ("", *named) if named is not None else tuple(map(str, range(len(edges) + 1)))
    if isinstance(abilities, Abilities):
        ability, error = abilities.ability, abilities.se
        booklets, scores = abilities.booklets, abilities.scores
        source = abilities.provenance.data
    else:
        tables = [abilities] if isinstance(abilities, ScoreTable) else list(abilities)
        ability = np.concatenate([table.ability for table in tables])
        error = np.concatenate([table.se for table in tables])
        booklets = np.repeat([table.booklet for table in tables], [len(t.scores) for t in tables])
        scores = np.concatenate([table.scores for table in tables])
        source = digest([table.provenance.data for table in tables])
    level = np.searchsorted(edges, ability, side="right")
    known = np.isfinite(error) & np.isfinite(ability)
    below = np.full((len(ability), len(edges)), np.nan)
    below[known] = ndtr((edges[None, :] - ability[known, None]) / error[known, None])
    outer = np.where(known, 0.0, np.nan)[:, None]
    chances = np.diff(np.concatenate([outer, below, outer + 1.0], axis=1), axis=1)
    wrong_side = np.where(level[:, None] > np.arange(len(edges)), below, 1.0 - below)
    return Classification(
        cuts=edges,
        names=names,
        booklets=booklets,
        scores=scores,
        ability=ability,
        level=level,
        chances=chances,
        wrong_side=wrong_side,
        provenance=Provenance("classify", source, {"cuts": edges.tolist(), "names": list(names)}),
    )
