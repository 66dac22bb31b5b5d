"""The E-step and the information from counts alone, for items of equal slopes.

With slopes of 1 the likelihood of a work is exp(tθ + Σ b) / Π Z(θ), t its total: works of one
booklet, group and total have one posterior (Andersen 1973 on sufficiency; Thissen 1982 for the
marginal likelihood of Rasch). So a table of totals stands for any number of works, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merilo_psychometrics.likelihood import Prior
from merilo_psychometrics.statistics import SufficientStatistics

from .em import Expected, group_scores, item_places
from .information import complete_information, score_parts
from .model import Array, Layout, log_probabilities, prior_of


@dataclass(frozen=True, eq=False)
class Table:
    """Works of one group on one booklet: `works` [M + 1] by total; `by_item` [M + 1, cells].

    Cell n is category `category[n]` of item `item[n]` of the design.
    """

    group: int
    items: np.ndarray
    item: np.ndarray
    category: np.ndarray
    works: Array
    by_item: Array


def tables_of(groups: Sequence[SufficientStatistics]) -> tuple[Table, ...]:
    """The counts of every group; all groups share the design."""
    found = []
    for group, statistics in enumerate(groups):
        design = statistics.design
        for booklet, counts in zip(design.booklets, statistics.booklets, strict=True):
            if not counts.score_counts.any():
                continue
            held = [design.items[n].scores for n in booklet.items]
            cells = np.concatenate(
                [
                    first + np.array(scores)
                    for first, scores in zip(counts.columns, held, strict=False)
                ]
            )
            found.append(
                Table(
                    group,
                    booklet.items,
                    np.repeat(booklet.items, [len(scores) for scores in held]),
                    np.concatenate([np.arange(len(scores)) for scores in held]),
                    counts.score_counts.astype(np.float64),
                    counts.item_counts[:, cells].astype(np.float64),
                )
            )
    return tuple(found)


def expect(layout: Layout, tables: tuple[Table, ...], vector: Array, nodes: Array) -> Expected:
    """The E-step of Bock & Aitkin (1981), over totals instead of works."""
    state = layout.state(vector)
    logs, prior = log_probabilities(layout, state, nodes), prior_of(state, nodes)
    counts = np.zeros_like(logs)
    mass = np.zeros((len(state.mean), len(nodes)))
    value = 0.0
    for table in tables:
        posterior, marginal = _posterior(table, logs, prior)
        filled = table.by_item.T @ posterior
        np.add.at(counts, (table.item, table.category), filled)
        mass[table.group] += table.works @ posterior
        chosen = np.where(table.category > 0, state.intercept[table.item, table.category - 1], 0.0)
        value += float(table.works @ marginal + table.by_item.sum(axis=0) @ chosen)
    return Expected(value, value, counts, mass, state, prior)


def information(layout: Layout, tables: tuple[Table, ...], found: Expected) -> Array:
    """−∂² of the log-likelihood, [free, free]: Louis (1982), I = E[B] − Σ Cov[S | total].

    Of the score of a work only −P_c(θ) and the parts of the population depend on the ability.
    """
    nodes, state = found.prior.nodes, found.state
    logs = log_probabilities(layout, state, nodes)
    places = item_places(layout)
    whole = complete_information(layout, found, places)
    alpha, _ = score_parts(layout, found, logs)
    by_group = group_scores(state, found.prior)
    for table in tables:
        inner = places[table.items]
        columns = [int(at) for at in inner[inner >= 0]]
        parts = alpha[columns]
        for at, rows in zip((layout.mean, layout.log_sd), by_group, strict=True):
            if at[table.group] >= 0:
                columns.append(int(at[table.group]))
                parts = np.vstack([parts, rows[table.group]])
        posterior, _ = _posterior(table, logs, found.prior)
        mean = posterior @ parts.T
        spread = (parts * (table.works @ posterior)) @ parts.T
        whole[np.ix_(columns, columns)] -= spread - (mean * table.works[:, None]).T @ mean
    return whole


def _posterior(table: Table, logs: Array, prior: Prior) -> tuple[Array, Array]:
    """Weights of the nodes, [totals, nodes], and the log of their sum before, by total."""
    least = logs[table.items, 0].sum(axis=0) + prior.log_weights[table.group]
    values = np.arange(len(table.works))[:, None] * prior.nodes + least
    top = values.max(axis=1, keepdims=True)
    weights = np.exp(values - top)
    total = weights.sum(axis=1, keepdims=True)
    return weights / total, (np.log(total) + top)[:, 0]
