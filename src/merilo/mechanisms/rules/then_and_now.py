"""A document when the materials were submitted, and later: what is fixed, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from merilo.law.refusal import _

from .evidence import CLOSED_OUTCOMES, Outcome, Sight


class Difference(StrEnum):
    """What became of a document between the submission and a later visit."""

    SAME = "same"
    DIED = "died"
    REVIVED = "revived"
    CHANGED = "changed"
    CLOSED = "closed"
    UNKNOWN = "unknown"  # one of the two visits is missing


DIFFERENCE_WORDS: dict[Difference, str] = {
    Difference.SAME: _("документ тот же, что при представлении материалов"),
    Difference.DIED: _("при представлении материалов ссылка открывалась, теперь — нет; показан "
                       "сохранённый документ"),
    Difference.REVIVED: _("при представлении материалов ссылка не открывалась, теперь открывается"),
    Difference.CHANGED: _("документ изменён после представления материалов; оценивается тот, что "
                          "был представлен"),
    Difference.CLOSED: _("при представлении материалов документ был открыт, теперь доступ закрыт; "
                         "показан сохранённый документ"),
    Difference.UNKNOWN: _("сравнить не с чем: одной из проверок не было"),
}  # fmt: skip


def difference(submitted: Sight | None, later: Sight | None) -> Difference:
    """Case 144: alive then and dead now is said, and so is a change. Never guessed."""
    if submitted is None or later is None:
        return Difference.UNKNOWN
    opened, opens = submitted.outcome is Outcome.OPENED, later.outcome is Outcome.OPENED
    if opened and later.outcome in CLOSED_OUTCOMES:
        return Difference.CLOSED
    if submitted.is_alive and not later.is_alive:
        return Difference.DIED
    if not submitted.is_alive and later.is_alive:
        return Difference.REVIVED
    if opened and opens and is_another(submitted, later):
        return Difference.CHANGED
    return Difference.SAME


def is_another(one: Sight, other: Sight) -> bool:
    """Whether what opened is another document, or a file listed on the page is another one.

    A file that was listed only once, or did not open once, is not compared: that it is gone the
    words of the page say.
    """
    files = dict(other.files)
    return one.fingerprint != other.fingerprint or any(
        files.get(address, fingerprint) != fingerprint for address, fingerprint in one.files
    )


def fixed_at_submission(
    sights: Iterable[Sight], *, submitted_at: datetime, now: datetime, grace: timedelta
) -> Sight | None:
    """What counts as seen when the materials were submitted; None while it is too early to say.

    The first visit from then on at which the link was alive. A site that is down for an evening
    costs nobody his points: only after the grace is it fixed that nothing opened.
    """
    since = sorted((one for one in sights if one.at >= submitted_at), key=lambda one: one.at)
    within = [one for one in since if one.at <= submitted_at + grace]
    for sight in within:
        if sight.is_alive:
            return sight
    return since[0] if since and now > submitted_at + grace else None


def changed_after(deadline: datetime, sights: Iterable[Sight]) -> Sight | None:
    """The first visit after the deadline that saw another document than the last one before it."""
    before: Sight | None = None
    for sight in sorted(sights, key=lambda one: one.at):
        if sight.outcome is not Outcome.OPENED:
            continue
        if sight.at <= deadline:
            before = sight
        elif before is not None and is_another(before, sight):
            return sight
    return None
