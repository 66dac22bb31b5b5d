"""Calibration: item parameters from counts (CML) or from responses (MML)."""

from .cml import calibrate_cml
from .mml import Priors, calibrate_mml
from .results import Calibration, Population

__all__ = ["Calibration", "Population", "Priors", "calibrate_cml", "calibrate_mml"]
