"""Forensics: what in the answers calls for a closer look. Evidence, never a verdict.

evidence      Evidence, Meaning: statistic, null, p, q, effect, size, and what it does not mean
order         order_fit: G, U3, ZU3, Hᵀ with exact probabilities
likelihood    likelihood_fit: l_z, l_z*
pairs         similarity: GBT, ω, M4 and K with its kin
"""

from .evidence import Evidence, Meaning
from .likelihood import likelihood_fit
from .meanings import MEANINGS
from .order import order_fit
from .pairs import similarity

__all__ = ["MEANINGS", "Evidence", "Meaning", "likelihood_fit", "order_fit", "similarity"]
