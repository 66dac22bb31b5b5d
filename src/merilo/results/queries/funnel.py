"""How the cases of a region stand: counts by municipality and step."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.timezone import make_aware

from merilo.admissions.models import Application
from merilo.admissions.rules import OPEN_STATES, ApplicationState
from merilo.casework.models import Duty
from merilo.law.refusal import _
from merilo.registry.access import Role, Viewer
from merilo.registry.models import Organisation
from merilo.registry.rules import search_key

_A = ApplicationState
# What each column counts: applications by the step they stand on; nothing is counted by hand.
FUNNEL: tuple[tuple[str, str, frozenset[ApplicationState]], ...] = (
    (
        "checking",
        _("Проверка документов"),
        frozenset({_A.COMPLETENESS_CHECK, _A.AUTHENTICITY_CHECK}),
    ),
    ("returned", _("Возвращено"), frozenset({_A.RETURNED_INCOMPLETE})),
    ("refused", _("Отказ без теста"), frozenset({_A.REFUSED_UNRELIABLE, _A.REFUSED_NO_PLACES})),
    ("referred", _("Направлены"), frozenset({_A.REFERRED})),
    ("not_booked", _("Не записались"), frozenset({_A.CANCELLED_NOT_BOOKED})),
    ("awaiting", _("Ждут теста или результата"), frozenset({_A.AWAITING_RESULT})),
    ("no_show", _("Не явились"), frozenset({_A.NO_SHOW})),
    ("not_admitted", _("Не допущены"), frozenset({_A.NOT_ADMITTED})),
    ("passed", _("Сдали"), frozenset({_A.PASSED, _A.ENROLLED})),
    ("failed", _("Не сдали"), frozenset({_A.FAILED, _A.REFUSED_TEST_FAILED, _A.REAPPLIED})),
    ("exempt", _("Без теста"), frozenset({_A.NO_TEST_REQUIRED})),
    ("withdrawn", _("Отозваны"), frozenset({_A.WITHDRAWN})),
)
AGED = timedelta(days=183)


def funnel_by_municipality(viewer: Viewer, *, today: date) -> list[dict[str, Any]]:
    """Applications by municipality and step, overdue duties and cases without movement.

    Counts only: nobody is named.
    """
    below = viewer.organisation_path
    if viewer.role in (Role.RCOI, Role.AUDITOR, Role.MINISTRY):
        below = "/"
    step_of = {str(state): key for key, _title, states in FUNNEL for state in states}
    rows: dict[int, dict[str, Any]] = {}

    def row(territory_id: int, name: str, kind: str) -> dict[str, Any]:
        if territory_id not in rows:
            rows[territory_id] = {
                "id": territory_id,
                "name": name,
                "kind": kind,
                "counts": dict.fromkeys((key for key, _t, _s in FUNNEL), 0),
                "late": 0,
                "aged": 0,
            }
        return rows[territory_id]

    # Counted by organisation, its place looked up after: no join for a hundred thousand rows.
    places = {
        pk: place
        for pk, *place in Organisation.objects.filter(path__startswith=below).values_list(
            "pk", "territory_id", "territory__name", "territory__kind"
        )
    }
    ours = Q() if below == "/" else Q(school_id__in=places)
    since = make_aware(datetime.combine(today - AGED, time.min))
    # Two questions, each answered by an index alone; in one, every row would have to be opened.
    cases = Application.objects.filter(ours).order_by()
    for school, state, many in cases.values_list("school_id", "state").annotate(many=Count("*")):
        row(*places[school])["counts"][step_of[state]] += many
    aged = cases.filter(state__in=OPEN_STATES, state_since__lt=since)
    for school, many in aged.values_list("school_id").annotate(many=Count("*")):
        row(*places[school])["aged"] += many
    late = Duty.objects.filter(organisation_id__in=places, due_on__lt=today).order_by()
    for organisation, many in late.values_list("organisation_id").annotate(many=Count("*")):
        if places[organisation][2] != "region":
            row(*places[organisation])["late"] += many
    return sorted(rows.values(), key=lambda one: (search_key(one["name"]), one["kind"]))
