"""Forensics: what in the answers calls for a closer look. Evidence, never a verdict.

evidence      Evidence, Meaning: statistic, null, p, q, effect, size, and what it does not mean
order         order_fit: G, U3, ZU3, Hᵀ with exact probabilities
likelihood    likelihood_fit: l_z, l_z*
pairs         similarity: GBT, ω, M4 and K with its kin
boundary      peaks, excess, jumps and mass at the boundaries of marks
groups        means, unusual works, spread, shared wrong answers, easy and hard, changed answers
schools       fixed bands, gains with unusual answers, shares of unusual works
clusters      fuzzy clusters of classes
years         years of a group against its others (a hierarchical model)
dispersion    how much more groups differ than chance gives
marks         marks against the journal, past results, second marking, peers, federal levels
"""

from .boundary import (
    Histograms,
    boundary_excess,
    boundary_jumps,
    boundary_peaks,
    excess_mass,
    histograms,
    tier,
)
from .clusters import ClassClusters, class_clusters
from .dispersion import overdispersion
from .evidence import Evidence, Meaning
from .groups import (
    Shift,
    easy_hard,
    mean_shift,
    shared_wrong,
    shift,
    unusual_works,
    variance_collapse,
    wrong_to_right,
)
from .likelihood import likelihood_fit
from .marks import (
    MarkComparison,
    agreement,
    among_peers,
    compare_marks,
    confirmation,
    fall_of_twos,
    families,
    gain,
    level,
)
from .meanings import MEANINGS
from .order import order_fit
from .pairs import similarity
from .schools import Classrooms, classrooms, fixed_band, integrity
from .years import YearlyMeans, over_years, yearly_means

__all__ = [
    "MEANINGS",
    "ClassClusters",
    "Classrooms",
    "Evidence",
    "Histograms",
    "MarkComparison",
    "Meaning",
    "Shift",
    "YearlyMeans",
    "agreement",
    "among_peers",
    "boundary_excess",
    "boundary_jumps",
    "boundary_peaks",
    "class_clusters",
    "classrooms",
    "compare_marks",
    "confirmation",
    "easy_hard",
    "excess_mass",
    "fall_of_twos",
    "families",
    "fixed_band",
    "gain",
    "histograms",
    "integrity",
    "level",
    "likelihood_fit",
    "mean_shift",
    "order_fit",
    "over_years",
    "overdispersion",
    "shared_wrong",
    "shift",
    "similarity",
    "tier",
    "unusual_works",
    "variance_collapse",
    "wrong_to_right",
    "yearly_means",
]
