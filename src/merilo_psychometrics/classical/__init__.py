"""Classical analysis: items, answers and the reliability of the total score."""

from .bounds import greatest_lower_bound, guttman_bounds, omega_total
from .distractors import Answer, DistractorAnalysis, analyse_distractors
from .items import BookletItems, ItemAnalysis, analyse_items
from .reliability import BookletReliability, Reliability, reliability

__all__ = [
    "Answer",
    "BookletItems",
    "BookletReliability",
    "DistractorAnalysis",
    "ItemAnalysis",
    "Reliability",
    "analyse_distractors",
    "analyse_items",
    "greatest_lower_bound",
    "guttman_bounds",
    "omega_total",
    "reliability",
]
