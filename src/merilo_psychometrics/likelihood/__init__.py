"""Likelihoods of whole works at given abilities, fast: answers packed several to a byte.

A byte names the answers to a few items at once, and a table of 256 rows holds the log-likelihood
of every such combination at every node. A pass over the works then costs one table row a byte,
exact to the last bit of a sum; expected counts are gathered the same way and unpacked once.
"""

from .packing import Pack, pack
from .posterior import (
    Prior,
    expected_counts,
    fitting_nodes,
    log_tables,
    normal_nodes,
    posterior_moments,
    posterior_weights,
)

__all__ = [
    "Pack",
    "Prior",
    "expected_counts",
    "fitting_nodes",
    "log_tables",
    "normal_nodes",
    "pack",
    "posterior_moments",
    "posterior_weights",
]
