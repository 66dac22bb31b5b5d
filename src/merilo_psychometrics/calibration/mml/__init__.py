"""Marginal maximum likelihood."""

from .calibrate import calibrate_mml
from .model import Priors

__all__ = ["Priors", "calibrate_mml"]
