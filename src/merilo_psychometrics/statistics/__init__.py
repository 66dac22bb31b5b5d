"""Sufficient statistics: how often each score on each item goes with each total score.

For Rasch and partial credit models these counts are all that calibration, item analysis and item
fit need; they are small whatever the number of works, add up over files and machines, and are
computed where the data are.
"""

from .counting import count_block, statistics_by, sufficient_statistics
from .counts import BookletCounts, SufficientStatistics, add, ranges

__all__ = [
    "BookletCounts",
    "SufficientStatistics",
    "add",
    "count_block",
    "ranges",
    "statistics_by",
    "sufficient_statistics",
]
