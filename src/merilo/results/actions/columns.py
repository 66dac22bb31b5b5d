"""How the collecting form is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Reason
from merilo.law.refusal import _
from merilo.registry.access import Viewer, permit
from merilo.results import access
from merilo.results.models import ColumnMap

NO_COLUMNS = Reason("results.no-columns", _("В форме не осталось ни одного столбца."))


def set_column_map(
    *, name: str, columns: Sequence[dict[str, str]], actor: Viewer, now: datetime
) -> ColumnMap:
    """How the collecting form is laid out in this region."""
    permit(actor, access.ROLES, "results.column_map")
    if not columns:
        law.refuse([NO_COLUMNS()])
    with transaction.atomic(durable=True):
        row, _made = ColumnMap.objects.update_or_create(
            name=name,
            defaults={
                "columns": list(columns),
                "changed_at": now,
                "changed_by_id": actor.account_id,
            },
        )
        record("column-map.changed", actor=actor, about=row, at=now, columns=len(columns))
    return row
