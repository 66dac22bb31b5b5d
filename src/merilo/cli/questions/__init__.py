"""The questions the law answers from the command line: facts in JSON to a rule, its answer back.

A question adds nothing to its rule: it reads the facts, calls it, and hands the answer over.
"""

from __future__ import annotations

from . import appeal, before_test, materials, test_and_result
from .facts import Fact, Question, read_facts

QUESTIONS: dict[str, Question] = {
    question.name: question
    for group in (
        before_test.QUESTIONS,
        materials.QUESTIONS,
        test_and_result.QUESTIONS,
        appeal.QUESTIONS,
    )
    for question in group
}

__all__ = ["QUESTIONS", "Fact", "Question", "read_facts"]
