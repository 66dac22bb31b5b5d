"""Posteriors of ability over a grid of nodes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from merilo_psychometrics import curves
from merilo_psychometrics.parameters import ItemParameters

from .kernels import add_up, gather, moments, take_apart, weights_at
from .packing import BYTE, Pack

Array = NDArray[np.float64]
# Below this many byte × node steps starting threads costs more than it gives.
WORTH_THREADS = 20_000_000


@dataclass(frozen=True, eq=False)
class Prior:
    """A discrete distribution of ability in every group: `log_weights` [groups, nodes]."""

    nodes: Array
    log_weights: Array


def normal_nodes(nodes: Array, means: Array, sds: Array) -> Prior:
    """Normal distributions of the groups on a common grid, weights summing to 1.

    The fixed nodes of Bock & Aitkin (1981).
    w_q ∝ exp(−(θ_q − μ)²/2σ²).
    """
    log_weights = -0.5 * ((nodes[None, :] - means[:, None]) / sds[:, None]) ** 2
    top = log_weights.max(axis=1, keepdims=True)
    total = np.log(np.exp(log_weights - top).sum(axis=1, keepdims=True)) + top
    return Prior(nodes, np.ascontiguousarray(log_weights - total))


def fitting_nodes(
    parameters: ItemParameters,
    given: NDArray[np.bool_],
    means: ArrayLike,
    sds: ArrayLike,
    *,
    spacing: float = 0.75,
    reach: float = 6.5,
) -> Array:
    """Nodes close and wide enough for sums over them to stand for integrals, [nodes], logits.

    Equally spaced sums of a smooth peak of width σ err by exp(−2π²σ²/h²). The distance h is
    `spacing` times the narrowest posterior any booklet (`given` [booklets, items]) can give: 0.75
    errs by 1e-15, 0.9 by 3e-11, 1.2 by 1e-6. The grid reaches `reach` standard deviations beyond
    the outermost group. The error of equally spaced sums: Trefethen & Weideman (2014), SIAM Rev.
    56, 385–458.
    h = `spacing` / √(max I(θ) + 1/σ²).
    """
    centre, width = np.atleast_1d(means).astype(float), np.atleast_1d(sds).astype(float)
    low, high = (centre - reach * width).min(), (centre + reach * width).max()
    coarse = np.linspace(low, high, 61)
    information = curves.item_information(parameters, coarse) @ given.T.astype(float)
    narrowest = 1.0 / np.sqrt(information.max() + 1.0 / width.min() ** 2)
    number = int(np.ceil((high - low) / (spacing * narrowest))) + 1
    return np.linspace(low, high, int(np.clip(number, 21, 1001)))


def log_tables(pack: Pack, log_probability: Array) -> Array:
    """Log-likelihood of every code of every byte at the nodes, [bytes, 256, nodes].

    `log_probability` [items of the design, categories, nodes].
    Σ of ln P(category | θ) over the items of the byte; the sums of the E-step of Bock & Aitkin
    (1981).
    """
    tables = np.empty((len(pack.spans), BYTE, log_probability.shape[2]))
    for table, span, digits in zip(tables, pack.spans, pack.digits, strict=True):
        add_up(digits, pack.items[span], log_probability, table)
    return tables


def expected_counts(
    pack: Pack, log_probability: Array, prior: Prior
) -> tuple[float, Array, Array]:
    """The E-step of Bock & Aitkin (1981).

    r_icq = Σ over works of 1(x_i = c)·w_q, w_q ∝ P(x | θ_q)·π_q.

    Returns the marginal log-likelihood, the expected works by category of every item of the pack
    [items of the pack, categories, nodes], and by group [groups, nodes].
    """
    tables = log_tables(pack, log_probability)
    groups, nodes = prior.log_weights.shape

    def one(rows: slice) -> Any:
        filled, mass = np.zeros_like(tables), np.zeros((groups, nodes))
        value = gather(
            pack.codes[rows],
            tables,
            prior.log_weights,
            pack.groups[rows],
            pack.weights[rows],
            filled,
            mass,
        )
        return value, filled, mass

    parts = list(_in_threads(one, pack, nodes))
    filled = parts[0][1] if len(parts) == 1 else np.sum([part[1] for part in parts], axis=0)
    mass = parts[0][2] if len(parts) == 1 else np.sum([part[2] for part in parts], axis=0)
    expected = np.zeros((len(pack.items), log_probability.shape[1], nodes))
    for which, (span, digits) in enumerate(zip(pack.spans, pack.digits, strict=True)):
        take_apart(digits, filled[which], expected[span])
    return float(sum(part[0] for part in parts)), expected, mass


def posterior_moments(pack: Pack, log_probability: Array, prior: Prior) -> tuple[Array, Array]:
    """Posterior mean and standard deviation of every work of a pack.

    EAP and its posterior SD: Bock & Mislevy (1982), Appl. Psychol. Meas. 6, 431–444.
    EAP = Σ θ_q·w_q, its SD √(Σ θ²_q·w_q − EAP²), w_q ∝ P(x | θ_q)·π_q.
    """
    tables = log_tables(pack, log_probability)

    def one(rows: slice) -> Any:
        return moments(pack.codes[rows], tables, prior.log_weights, pack.groups[rows], prior.nodes)

    parts = list(_in_threads(one, pack, len(prior.nodes)))
    mean = np.concatenate([part[0] for part in parts])
    return mean, np.concatenate([part[1] for part in parts])


def posterior_weights(
    pack: Pack, log_probability: Array, prior: Prior, *, chunk: int = 8192
) -> Iterator[tuple[slice, Array, Array]]:
    """Posteriors chunk by chunk: (works of the pack, weights [works, nodes], log-likelihoods).

    The posterior over fixed nodes of Bock & Aitkin (1981), the E-step.
    w_q ∝ P(x | θ_q)·π_q.
    """
    tables = log_tables(pack, log_probability)
    for start in range(0, len(pack), chunk):
        rows = slice(start, min(start + chunk, len(pack)))
        weights, values = weights_at(
            pack.codes[rows], tables, prior.log_weights, pack.groups[rows]
        )
        yield rows, weights, values


def _in_threads(one: Callable[[slice], Any], pack: Pack, nodes: int) -> Iterator[Any]:
    number = len(os.sched_getaffinity(0))
    if number == 1 or pack.codes.size * nodes < WORTH_THREADS:
        return iter([one(slice(0, len(pack)))])
    edges = np.linspace(0, len(pack), number + 1).astype(int)
    with ThreadPoolExecutor(number) as pool:
        return iter(
            list(pool.map(one, [slice(a, b) for a, b in zip(edges, edges[1:], strict=False)]))
        )
