"""Parameters of items to simulate with."""

from __future__ import annotations

from statistics import NormalDist
from typing import Literal

import numpy as np

from merilo_psychometrics.parameters import ItemParameters, centred, make_parameters

Model = Literal["rasch", "pcm", "2pl", "gpcm", "3pl"]


def item_bank(
    count: int,
    *,
    model: Model = "rasch",
    steps: int = 1,
    spread: float = 1.1,
    rng: np.random.Generator,
    first: int = 1,
) -> ItemParameters:
    """Make parameters like those of real tests: difficulties spread evenly over a normal range.

    Difficulties are normal quantiles with SD about `spread` logits plus a little noise, their mean
    is zero. Slopes of 2PL, GPCM and 3PL are log-normal with SD 0.3; guessing of 3PL lies between
    0.1 and 0.3. Items of PCM and GPCM have `steps` steps about 0.8 logits apart.
    """
    quantiles = [NormalDist().inv_cdf((n + 0.5) / count) for n in range(count)]
    place = rng.permutation(spread * np.array(quantiles) + rng.normal(0.0, 0.1, count))
    many = max(steps, 2) if model in ("pcm", "gpcm") else 1
    apart = 0.8 * (np.arange(many) - (many - 1) / 2)
    jitter = rng.normal(0.0, 0.3, (count, many)) if many > 1 else np.zeros((count, 1))
    thresholds = centred(place[:, None] * (0.8 if many > 1 else 1.0) + apart + jitter)
    wide = len(str(first + count - 1))
    names = [f"i{n:0{max(3, wide)}d}" for n in range(first, first + count)]
    sloped = model in ("2pl", "gpcm", "3pl")
    slope = np.exp(rng.normal(0.0, 0.3, count)) if sloped else np.ones(count)
    guessing = rng.uniform(0.1, 0.3, count) if model == "3pl" else np.zeros(count)
    return make_parameters(
        dict(zip(names, thresholds.tolist(), strict=True)),
        slope=dict(zip(names, slope.tolist(), strict=True)),
        guessing=dict(zip(names, guessing.tolist(), strict=True)),
    )
