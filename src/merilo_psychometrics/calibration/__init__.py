"""Calibration: item parameters from counts (CML) or from responses (MML)."""

from .cml import calibrate_cml
from .results import Calibration, Population

__all__ = ["Calibration", "Population", "calibrate_cml"]
