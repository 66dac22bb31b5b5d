"""One thread for small matrices.

Calibration solves systems of some hundred unknowns: a millisecond of work that a threaded BLAS
turns into seconds of waiting on a busy machine, its threads spinning for a core they do not get.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy  # noqa: F401 - a BLAS is found only once it is loaded
import scipy.linalg  # noqa: F401 - scipy brings its own
from threadpoolctl import ThreadpoolController


@cache
def _controller() -> Any:
    return ThreadpoolController()


def one_thread() -> Any:
    """Context in which linear algebra runs in the calling thread."""
    return _controller().limit(limits=1, user_api="blas")
