"""Lower bounds of reliability, and omega, from a covariance matrix of item scores."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from merilo_psychometrics.errors import NotConverged

Array = NDArray[np.float64]
# Up to this many items every way to halve the test is tried.
FEW = 14


def guttman_bounds(covariance: Array) -> dict[str, float]:
    """λ1 … λ4 and λ6 of Guttman (1945); λ3 is Cronbach's alpha.

    λ1 = 1 − Σσ²_i/σ²_t, λ2 = λ1 + √(k/(k − 1)·Σ_{i≠j} σ²_ij)/σ²_t, λ3 = k/(k − 1)·λ1,
    λ4 = 2·(1 − (σ²_a + σ²_b)/σ²_t) of two halves, λ6 = 1 − Σe²_i/σ²_t, e²_i what the other items
    leave of item i.

    λ4 is the largest over all halves up to 14 items; beyond, the best found by flipping items from
    many starts, itself a lower bound. λ6 is NaN where the matrix is singular. `covariance` [k, k],
    k ≥ 2, with a positive sum.
    """
    total = float(covariance.sum())
    size = len(covariance)
    variances = np.diag(covariance)
    first = 1.0 - variances.sum() / total
    off = covariance - np.diag(variances)
    second = first + np.sqrt(size / (size - 1) * (off**2).sum()) / total
    found = {
        "lambda_1": float(first),
        "lambda_2": float(second),
        "lambda_3": float(size / (size - 1) * first),
        "lambda_4": 1.0 - _flattest(covariance) / total,
        "lambda_6": float("nan"),
    }
    # 1/[Σ⁻¹]_jj is the error of predicting an item from the others.
    scale = np.sqrt(variances)
    correlation = covariance / np.outer(scale, scale)
    if np.linalg.eigvalsh(correlation)[0] > 1e-10:
        errors = variances / np.diag(np.linalg.inv(correlation))
        found["lambda_6"] = float(1.0 - errors.sum() / total)
    return found


def _flattest(covariance: Array) -> float:
    """The least s′Σs over signs s: the variance of the difference of the halves."""
    size = len(covariance)
    if size <= FEW:
        signs = np.array([(1, *rest) for rest in itertools.product((1.0, -1.0), repeat=size - 1)])
        return float(np.einsum("ni,ij,nj->n", signs, covariance, signs).min())
    _, vectors = np.linalg.eigh(covariance)
    starts = [np.where(vectors[:, n] >= 0, 1.0, -1.0) for n in range(size)]
    starts.append(np.where(np.arange(size) % 2, 1.0, -1.0))
    best = np.inf
    for signs in starts:
        product = covariance @ signs
        while True:
            # Flipping item i changes s′Σs by 4(Σ_ii − s_i·(Σs)_i).
            change = 4.0 * (np.diag(covariance) - signs * product)
            item = int(change.argmin())
            if change[item] >= -1e-12:
                break
            product -= 2.0 * signs[item] * covariance[:, item]
            signs[item] = -signs[item]
        best = min(best, float(signs @ product))
    return best


def greatest_lower_bound(covariance: Array) -> float:
    """The greatest lower bound to reliability (Jackson & Agunwamba 1977; Woodhouse & Jackson 1977).

    1 − max Σψ / 1′Σ1 over 0 ≤ ψ ≤ diag Σ with Σ − diag ψ positive semidefinite, found by a barrier
    method: Newton on Σψ + μ·log det(Σ − Ψ) + μ·Σ log ψ with μ falling until the gap 2kμ is 1e-9 of
    the variance. Overestimates in small samples (ten Berge & Sočan 2004). Raises `NotConverged`.
    """
    size = len(covariance)
    scale = float(np.trace(covariance)) / size
    matrix = covariance / scale
    floor = float(np.linalg.eigvalsh(matrix)[0])
    if floor <= 1e-10:
        # Some sum of items is constant: the bound is reached at the edge, the barrier has no inside.
        matrix = matrix + np.eye(size) * 1e-9
        floor = float(np.linalg.eigvalsh(matrix)[0])
    errors = np.full(size, 0.5 * floor)
    weight = 1.0
    while 2.0 * size * weight > 1e-9:
        for _ in range(100):
            inverse = np.linalg.inv(matrix - np.diag(errors))
            gradient = 1.0 - weight * np.diag(inverse) + weight / errors
            bend = weight * (inverse**2 + np.diag(1.0 / errors**2))
            step = np.linalg.solve(bend, gradient)
            decrement = float(gradient @ step) / weight
            # So near the centre the gap is 2kμ to a hundredth of it; rounding keeps Newton on long
            # tests (k ≥ 80) from coming much nearer when μ is small.
            if decrement < 1e-4:
                break
            length = 1.0 / (1.0 + np.sqrt(decrement)) if decrement > 0.25 else 1.0
            while not _inside(matrix, errors + length * step):
                length *= 0.5
            errors = errors + length * step
        else:
            raise NotConverged(
                "Наибольшая нижняя граница надёжности не найдена: ковариации заданий почти "
                "вырождены. Исключите повторяющиеся задания (without_items).",
                "The barrier method for the greatest lower bound did not converge.",
            )
        weight *= 0.2
    return float(1.0 - errors.sum() * scale / covariance.sum())


def _inside(matrix: Array, errors: Array) -> bool:
    if (errors <= 0).any():
        return False
    try:
        np.linalg.cholesky(matrix - np.diag(errors))
    except np.linalg.LinAlgError:
        return False
    return True


def omega_total(covariance: Array) -> float:
    """McDonald's ω of one factor: (Σ λ)² / ((Σ λ)² + Σ ψ), McDonald (1999) ch. 6.

    Loadings by least squares of the correlations off the diagonal (minres, Harman & Jones 1966).
    Raises `NotConverged`. NaN below three items, which do not identify a factor.
    """
    size = len(covariance)
    if size < 3:
        return float("nan")
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)

    def residual(loadings: Array) -> tuple[float, Array]:
        away = correlation - np.outer(loadings, loadings)
        np.fill_diagonal(away, 0.0)
        return float((away**2).sum()), -4.0 * away @ loadings

    values, vectors = np.linalg.eigh(correlation)
    start = vectors[:, -1] * np.sqrt(max(values[-1] - 1.0, 0.1))
    start *= np.sign(start.sum()) or 1.0
    fitted = minimize(
        residual, start, jac=True, method="L-BFGS-B", bounds=[(-1.0, 1.0)] * size,
        options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    if not np.isfinite(fitted.fun) or (fitted.nit >= 2000):
        raise NotConverged(
            "Факторная модель для омеги не сошлась: задания почти не связаны между собой.",
            "The one-factor model of omega did not converge.",
        )
    loadings = fitted.x * scale
    common = float(loadings.sum()) ** 2
    unique = float(((1.0 - fitted.x**2) * scale**2).sum())
    return common / (common + unique)
