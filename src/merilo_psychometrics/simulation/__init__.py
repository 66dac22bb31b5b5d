"""Simulation: designs, responses, cheating and raters with the truth beside them; planning."""

from .answers import Cohort, Simulation, draw_scores, simulate_responses, with_choices
from .banks import item_bank
from .cheating import Altered, copy_answers, leak_items, raise_scores
from .designs import anchored_booklets, complete_design, two_stage
from .planning import BookletPlan, Plan, plan
from .rating import Rater, Ratings, simulate_ratings
from .sets import SETS, Set, write_set

__all__ = [
    "SETS",
    "Altered",
    "BookletPlan",
    "Cohort",
    "Plan",
    "Rater",
    "Ratings",
    "Set",
    "Simulation",
    "anchored_booklets",
    "complete_design",
    "copy_answers",
    "draw_scores",
    "item_bank",
    "leak_items",
    "plan",
    "raise_scores",
    "simulate_ratings",
    "simulate_responses",
    "two_stage",
    "with_choices",
    "write_set",
]
