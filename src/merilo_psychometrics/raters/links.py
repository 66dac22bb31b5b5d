"""Which raters can be compared: what the marking design determines, before any estimation."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .ratings import Ratings, UnlinkedRaters


def rater_parts(ratings: Ratings, *, anchored: Iterable[str] = ()) -> tuple[tuple[str, ...], ...]:
    """Group the raters into parts whose severities can be compared.

    A mark tells θ_person − δ_item − λ_rater. With the persons eliminated, two raters are comparable
    when the difference of their severities lies in the row space of the design (Linacre 1994 ch. 8;
    Weeks & Williams 1964 on connected designs): common works link them, works on different items
    alone do not. Items with fixed parameters (`anchored`) count as known.
    Read off the null space of N = FᵀF − FᵀP(PᵀP)⁻¹PᵀF, F marks × (items, raters), P marks ×
    persons.
    """
    fixed = set(anchored)
    place = np.full(len(ratings.items), -1)
    loose = [n for n, item in enumerate(ratings.items) if item.id not in fixed]
    place[loose] = np.arange(len(loose))
    marks, persons, raters = len(ratings), len(ratings.persons), len(ratings.raters)
    rows = np.arange(marks)
    here = place[ratings.item] >= 0
    columns = np.concatenate([place[ratings.item][here], len(loose) + ratings.rater])
    lines = np.concatenate([rows[here], rows])
    size = len(loose) + raters
    # A mark repeated on the same (person, item, rater) adds nothing to what is determined.
    facets = csr_matrix((np.ones(len(lines)), (lines, columns)), shape=(marks, size))
    person = csr_matrix((np.ones(marks), (rows, ratings.person)), shape=(marks, persons))
    shared = (person.T @ facets).tocsr()
    weights = csr_matrix(
        (1.0 / np.bincount(ratings.person, minlength=persons), (range(persons), range(persons))),
        shape=(persons, persons),
    )
    reduced = np.asarray((facets.T @ facets - shared.T @ weights @ shared).todense())
    values, vectors = np.linalg.eigh(reduced)
    idle = vectors[len(loose) :, values < 1e-9 * max(float(values[-1]), 1.0)]
    return _same_rows(idle, ratings.raters)


def _same_rows(table: NDArray[np.float64], names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    parts: list[tuple[NDArray[np.float64], list[str]]] = []
    for row, name in zip(table, names, strict=True):
        for centre, part in parts:
            if np.abs(row - centre).max(initial=0.0) < 1e-6:
                part.append(name)
                break
        else:
            parts.append((row, [name]))
    return tuple(tuple(part) for _, part in parts)


def require_linked(ratings: Ratings, *, anchored: Iterable[str] = ()) -> None:
    """Raise `UnlinkedRaters`, naming the parts, unless all raters can be compared."""
    parts = rater_parts(ratings, anchored=anchored)
    if len(parts) > 1:
        raise UnlinkedRaters(parts)
