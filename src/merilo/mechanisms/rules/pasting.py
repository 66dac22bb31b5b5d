"""Links pasted from a spreadsheet: where they go, and what is said of each of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from merilo.law import Refusal

from .form import AnswerFacts, FormLaw, LinkFacts, reasons_against_answer
from .form_reasons import (
    NOT_IN_CRITERIA,
    SECRET_IN_ADDRESS,
    SECRET_IN_COMMENT,
    TOO_MANY_LINKS,
)
from .tree import Edition

# A draft may lack anything else: it is said before the paste is kept, and again by the self-check.
STOPS = frozenset({NOT_IN_CRITERIA, SECRET_IN_ADDRESS, SECRET_IN_COMMENT, TOO_MANY_LINKS})


@dataclass(frozen=True)
class Merged:
    """A position with the pasted links below those that are there."""

    answer: AnswerFacts
    lines: Mapping[int, int]  # row of the form → line of the spreadsheet


def merged(
    pasted: Iterable[tuple[str, LinkFacts]], there: Mapping[str, AnswerFacts]
) -> list[Merged]:
    """Positions with what is pasted; a line that holds nothing but a code brings nothing."""
    by_code: dict[str, list[LinkFacts]] = {}
    for code, link in pasted:
        if not link.is_empty:
            by_code.setdefault(code, []).append(link)
    return [_below(there.get(code, AnswerFacts(code)), links) for code, links in by_code.items()]


def _below(old: AnswerFacts, links: list[LinkFacts]) -> Merged:
    last = max((link.row for link in old.links if not link.is_empty), default=0)
    rows = dict(enumerate(links, start=last + 1))
    new = tuple(replace(link, row=row) for row, link in rows.items())
    lines = {row: link.row for row, link in rows.items()}
    return Merged(replace(old, links=(*old.links, *new)), lines)


def reasons_against_lines(
    edition: Edition, one: Merged, rules: FormLaw
) -> Iterator[tuple[int, Refusal]]:
    """What the form would say of the pasted rows, each with its line of the spreadsheet.

    What is said of the whole position stands by the first of its lines; the rows that were there
    before have been told already.
    """
    for reason in reasons_against_answer(edition, one.answer, rules):
        row = reason.facts.get("row")
        if row is None:
            yield min(one.lines.values()), reason
        elif row in one.lines:
            line = one.lines[row]
            yield line, replace(reason, facts={**reason.facts, "row": line})
