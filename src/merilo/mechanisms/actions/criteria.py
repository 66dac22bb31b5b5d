"""Load criteria: the region's own, the federal archive, and what was called what a year before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Reason
from merilo.law.refusal import _
from merilo.mechanisms import access
from merilo.mechanisms.models import CriteriaEdition, CriteriaMatch
from merilo.mechanisms.rules.states import EditionState
from merilo.mechanisms.rules.submission import reasons_against_edition
from merilo.mechanisms.rules.tree import Edition, reasons_against_tree
from merilo.mechanisms.steps import editions
from merilo.registry.access import Viewer, permit

MATCH_UNKNOWN = Reason(
    "mechanisms.match-unknown",
    _("Строка %(row)s: критерия с кодом «%(said)s» в редакции «%(edition)s» нет. Исправьте код "
      "или оставьте ячейку пустой: это «соответствия нет»."),
)  # fmt: skip
MATCH_OF_NOTHING = Reason(
    "mechanisms.match-of-nothing",
    _("Строка %(row)s: не назван ни прежний, ни новый критерий. Заполните хотя бы один код."),
)


@dataclass(frozen=True)
class MatchRow:
    """A row of the mapping: an empty code says that there is no counterpart."""

    number: int
    earlier: str
    later: str
    note: str = ""


def load_edition(
    *, edition: Edition, actor: Viewer, now: datetime, again: bool = False
) -> CriteriaEdition:
    """Keep the region's own criteria as a draft; `again` replaces a draft of the same code."""
    permit(actor, access.ROLES, "mechanisms.criteria")
    with transaction.atomic(durable=True):
        was = CriteriaEdition.objects.select_for_update().filter(code=edition.code).first()
        state = EditionState(was.state) if was else EditionState.DRAFT
        reserved = any(one["code"] == edition.code for one in law.shipped_criteria())
        law.refuse(
            [
                *reasons_against_edition(
                    edition, taken=reserved or (was is not None and not again), state=state
                ),
                *reasons_against_tree(edition),
            ]
        )
        if was is not None:
            was.delete()
        row = editions.write_edition(edition, actor=actor, now=now)
        record(
            "mechanisms.criteria-loaded", actor=actor, about=row, at=now, code=edition.code,
            rows=len(edition.by_code), again=was is not None,
        )  # fmt: skip
    return row


def keep_archive(*, actor: Viewer, now: datetime) -> int:
    """Keep the federal editions beside the region's own, so that years may be mapped; how many."""
    permit(actor, access.ROLES, "mechanisms.criteria")
    with transaction.atomic(durable=True):
        kept = editions.keep_archive(actor=actor, now=now)
        record("mechanisms.archive-kept", actor=actor, about="criteria:archive", at=now)
    return len(kept)


def match_editions(
    *,
    earlier_id: int,
    later_id: int,
    rows: Iterable[MatchRow],
    actor: Viewer,
    now: datetime,
) -> int:
    """Say what each criterion was called before; the mapping of the two editions is replaced."""
    permit(actor, access.ROLES, "mechanisms.criteria")
    with transaction.atomic(durable=True):
        earlier = CriteriaEdition.objects.select_for_update().get(pk=earlier_id)
        later = CriteriaEdition.objects.get(pk=later_id)
        old = {one.code: one for one in earlier.criteria.all()}
        new = {one.code: one for one in later.criteria.all()}
        rows = list(rows)
        wrong = []
        for row in rows:
            if not row.earlier and not row.later:
                wrong.append(MATCH_OF_NOTHING(row=row.number))
            for code, known, where in (
                (row.earlier, old, earlier.code),
                (row.later, new, later.code),
            ):
                if code and code not in known:
                    wrong.append(MATCH_UNKNOWN(row=row.number, said=code, edition=where))
        law.refuse(wrong)
        CriteriaMatch.objects.filter(earlier_edition=earlier, later_edition=later).delete()
        pairs = {(row.earlier, row.later): row.note for row in rows}
        CriteriaMatch.objects.bulk_create(
            CriteriaMatch(
                earlier_edition=earlier, later_edition=later, earlier=old.get(before),
                later=new.get(after), note=note,
            )
            for (before, after), note in pairs.items()
        )  # fmt: skip
        record(
            "mechanisms.criteria-matched", actor=actor, about=later, at=now, earlier=earlier.code,
            rows=len(pairs),
        )  # fmt: skip
    return len(pairs)
