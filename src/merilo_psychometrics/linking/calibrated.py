"""Linking inside a calibration: all booklets at once, or with anchors held where they were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.calibration.results import Calibration
from merilo_psychometrics.parameters import ItemParameters
from merilo_psychometrics.responses import Responses
from merilo_psychometrics.statistics import SufficientStatistics, sufficient_statistics


def link_concurrently(data: SufficientStatistics | Responses, **settings: Any) -> Calibration:
    """Calibrate all booklets together on one scale by CML; common items make the link.

    Conditional estimation needs nothing from the groups that sat the booklets, so unequal groups
    do no harm. Raises `UnlinkedBooklets` naming the parts when the link is missing. `settings` go
    to `calibrate_cml`. Concurrent calibration: Hanson & Béguin (2002), Appl. Psychol. Meas. 26,
    3–24; conditional, so that the groups need no distribution.
    The product over booklets of the likelihood of `calibrate_cml`: L = Π_b L_b.
    """
    statistics = sufficient_statistics(data) if isinstance(data, Responses) else data
    statistics.design.require_connected()
    return calibrate_cml(statistics, **settings)


def link_by_anchors(
    data: SufficientStatistics | Responses,
    anchors: ItemParameters,
    *,
    names: Iterable[str] | None = None,
    **settings: Any,
) -> Calibration:
    """Calibrate by CML with the parameters of the anchors held: new items land on their scale.

    `names` chooses some of the anchors (those `detect_drift` kept); default all that are in the
    data. Raises `UnlinkedBooklets` when a booklet touches no anchor. Fixed parameter calibration,
    here conditional: Kim (2006), J. Educ. Meas. 43, 355–381.
    The likelihood of `calibrate_cml` with η_i = η_i(anchor) held.
    """
    held = anchors if names is None else anchors.only(names)
    return calibrate_cml(data, anchors=held, **settings)
