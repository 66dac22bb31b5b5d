"""Fit: do items and tests behave as the model says."""

from .expectations import Mixture, given_total
from .limited import LimitedInformation, limited_information
from .orlando import ScoreFit, s_x2
from .regressions import ItemRegression, item_regressions
from .residuals import ItemFit, item_fit

__all__ = [
    "ItemFit",
    "ItemRegression",
    "LimitedInformation",
    "Mixture",
    "ScoreFit",
    "given_total",
    "item_fit",
    "item_regressions",
    "limited_information",
    "s_x2",
]
