"""The observed information of the marginal likelihood, exactly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import expit

from merilo_psychometrics.likelihood import Pack, posterior_weights
from merilo_psychometrics.responses import Responses

from .em import Expected, derivatives, group_scores, item_places
from .model import Array, Layout, log_probabilities


def observed_information(
    layout: Layout,
    packs: tuple[Pack, ...],
    responses: Responses,
    found: Expected,
    codes: tuple[np.ndarray, ...],
    *,
    weighted: bool,
    every: int = 1,
) -> Array:
    """−∂² of the objective, [free, free]: Louis (1982), I = E[B] − Σ_works Cov[S | work].

    The score of a work at a node is S_l(q) = α_l(q) + t·β_l(q) + what does not depend on the node,
    with t its score on the item of parameter l: α = −P_c, β = 0 for an intercept, α = −θ·E,
    β = θ for a slope, so the covariances over the nodes need no pass per node. With `every` n the
    second term is that of every n-th work, n times: good for steps, not for errors.
    """
    nodes, state = found.prior.nodes, found.state
    logs = log_probabilities(layout, state, nodes)
    places = item_places(layout)
    whole = complete_information(layout, found, places)
    alpha, beta = score_parts(layout, found, logs)
    by_mean, by_sd = group_scores(state, found.prior)
    if every > 1:
        packs = tuple(part if part.merged else part.thinned(every) for part in packs)
    for items, scores, weights, posterior, group in _works(
        layout, packs, responses, found, codes, logs, weighted
    ):
        columns, item_of = [], []
        for place, item in enumerate(items):
            for at in places[item][places[item] >= 0]:
                columns.append(int(at))
                item_of.append(place)
        a, b = alpha[columns], beta[columns]
        extra = [
            (int(at), row)
            for at, row in (
                (layout.mean[group], by_mean[group]),
                (layout.log_sd[group], by_sd[group]),
            )
            if at >= 0
        ]
        if extra:
            columns += [at for at, _ in extra]
            item_of += [0] * len(extra)
            a = np.concatenate([a, [row for _, row in extra]])
            b = np.concatenate([b, np.zeros((len(extra), len(nodes)))])
        whole[np.ix_(columns, columns)] -= _covariance(
            a, b, np.array(item_of), scores, weights, posterior, nodes,
            guessing=bool(layout.guessed[items].any()),
        )  # fmt: skip
    return whole


def complete_information(layout: Layout, found: Expected, places: np.ndarray) -> Array:
    """E[B]: what the complete data would tell, [free, free]; `places` are `item_places`."""
    whole = np.zeros((layout.size, layout.size))
    _, by_item = derivatives(layout, found.state, found.counts, found.prior.nodes, observed=True)
    rows, columns = np.broadcast_arrays(places[:, :, None], places[:, None, :])
    free = (rows >= 0) & (columns >= 0)
    whole[rows[free], columns[free]] = by_item[free]
    for group in range(len(layout.mean)):
        own = [n for n in (layout.mean[group], layout.log_sd[group]) if n >= 0]
        whole[np.ix_(own, own)] = _population(found, group, layout)
    return whole


def _population(found: Expected, group: int, layout: Layout) -> Array:
    """Complete information about the mean and log sd of a group from its expected mass."""
    away = found.prior.nodes - found.state.mean[group]
    variance = np.exp(2.0 * found.state.log_sd[group])
    mass = found.mass[group]
    cross = 2.0 * (mass @ away) / variance
    whole = np.array([[mass.sum() / variance, cross], [cross, 2.0 * (mass @ away**2) / variance]])
    free = [layout.mean[group] >= 0, layout.log_sd[group] >= 0]
    return whole[np.ix_(free, free)]


def score_parts(layout: Layout, found: Expected, logs: Array) -> tuple[Array, Array]:
    """α and β of every parameter of an item, each [free, nodes]."""
    nodes = found.prior.nodes
    alpha, beta = np.zeros((layout.size, len(nodes))), np.zeros((layout.size, len(nodes)))
    chance = np.exp(logs) * layout.inside[:, :, None]
    mean = (layout.scores[:, :, None] * chance).sum(axis=1)
    for row in range(len(layout.items)):
        slope, gamma = int(layout.slope[row]), int(layout.gamma[row])
        inner = layout.intercept[row]
        if layout.guessed[row]:
            state = found.state
            guess = float(expit(state.gamma[row]))
            star = expit(state.slope[row] * nodes + state.intercept[row, 0])
            # ∂ log Q and ∂ (log P − log Q) by η = aθ + b, and by γ.
            by_eta, by_gamma = (1.0 - guess) * star * (1.0 - star), (1.0 - star) * guess
            right = guess + (1.0 - guess) * star
            jump = by_eta / right + star
            for at, chain in ((slope, nodes), (int(inner[0]), np.ones_like(nodes))):
                if at >= 0:
                    alpha[at], beta[at] = -star * chain, jump * chain
            if gamma >= 0:
                alpha[gamma], beta[gamma] = -guess, by_gamma * (1.0 - guess) / right + guess
            continue
        if slope >= 0:
            alpha[slope], beta[slope] = -nodes * mean[row], nodes
        real = inner >= 0
        alpha[inner[real]] = -chance[row, 1:][real]
    return alpha, beta


def _covariance(
    alpha: Array,
    beta: Array,
    item_of: np.ndarray,
    scores: Array,
    weights: Array,
    posterior: Array,
    nodes: Array,
    *,
    guessing: bool,
) -> Array:
    """Σ over works of the posterior covariance of the score, [columns, columns]."""
    alike = bool((weights == weights[0]).all())
    shared = posterior if alike else posterior * weights[:, None]
    found = (alpha * shared.sum(axis=0)) @ alpha.T
    by_item = scores.T @ shared
    mixed = alpha @ (beta * by_item[item_of]).T
    found += mixed + mixed.T
    if guessing:
        mean = posterior @ alpha.T
        for node in range(len(nodes)):
            joint = (scores * shared[:, node, None]).T @ scores
            found += np.outer(beta[:, node], beta[:, node]) * joint[np.ix_(item_of, item_of)]
        mean += scores[:, item_of] * (posterior @ beta.T)
        order = np.arange(len(alpha))
    else:
        # β is θ for every slope and nothing else; slopes first, so that whole blocks are added.
        sloped = (beta != 0).any(axis=1)
        order = np.argsort(~sloped, kind="stable")
        count = int(sloped.sum())
        joint = (scores * (shared @ nodes**2)[:, None]).T @ scores
        found += np.outer(sloped, sloped) * joint[np.ix_(item_of, item_of)]
        mean = posterior @ alpha[order].T
        own = item_of[order[:count]]
        inner = scores if np.array_equal(own, np.arange(scores.shape[1])) else scores[:, own]
        if count:
            mean[:, :count] += inner * (posterior @ nodes)[:, None]
    if not alike:
        mean *= np.sqrt(weights)[:, None]
    found[np.ix_(order, order)] -= mean.T @ mean
    return np.asarray(weights[0] * found) if alike else found


def _works(
    layout: Layout,
    packs: tuple[Pack, ...],
    responses: Responses,
    found: Expected,
    codes: tuple[np.ndarray, ...],
    logs: Array,
    weighted: bool,
) -> Iterator[tuple[np.ndarray, Array, Array, Array, int]]:
    """Works of one group and one booklet at a time: items, scores, weights, posterior, group."""
    groups = len(layout.mean)
    for pack in packs:
        if pack.merged:
            for number in pack.merged:
                yield from _small(layout, responses, number, found, codes, logs, weighted)
            continue
        for rows, posterior, _ in posterior_weights(pack, logs, found.prior):
            category = pack.categories(rows)
            scores = np.take_along_axis(layout.scores[pack.items], category.T, axis=1).T
            for group in range(groups):
                own = pack.groups[rows] == group
                if own.all():
                    own = slice(None)
                elif not own.any():
                    continue
                yield pack.items, scores[own], pack.weights[rows][own], posterior[own], group


def _small(
    layout: Layout,
    responses: Responses,
    number: int,
    found: Expected,
    codes: tuple[np.ndarray, ...],
    logs: Array,
    weighted: bool,
) -> Iterator[tuple[np.ndarray, Array, Array, Array, int]]:
    """A small booklet, without the tables of a pack."""
    block, items = responses.blocks[number], responses.design.booklets[number].items
    weights = block.weights if weighted and block.weights is not None else np.ones(len(block))
    values = found.prior.log_weights[codes[number]].copy()
    for column, item in enumerate(items):
        allowed = np.array(layout.items[item].scores)
        values += logs[item][np.searchsorted(allowed, block.scores[:, column])]
    values -= values.max(axis=1, keepdims=True)
    posterior = np.exp(values)
    posterior /= posterior.sum(axis=1, keepdims=True)
    scores = block.scores.astype(np.float64)
    for group in np.unique(codes[number]):
        own = codes[number] == group
        yield items, scores[own], weights[own], posterior[own], int(group)
