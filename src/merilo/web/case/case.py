"""Page: one case — what to do now, its course from top to bottom, the child. /applications/12/"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from merilo import law
from merilo.admissions import access, actions, queries, rules
from merilo.casework import queries as casework
from merilo.foundation import clock
from merilo.foundation.journal.events import EVENTS
from merilo.foundation.journal.recording import events_of_case
from merilo.registry import queries as registry
from merilo.registry.access import may
from merilo.web.case import now, timeline
from merilo.web.case.course import Course
from merilo.web.routes import page

JOURNAL_ROWS = 40

STATE_KINDS: dict[rules.ApplicationState, str] = {
    rules.ApplicationState.COMPLETENESS_CHECK: "info",
    rules.ApplicationState.RETURNED_INCOMPLETE: "soon",
    rules.ApplicationState.AUTHENTICITY_CHECK: "info",
    rules.ApplicationState.REFUSED_UNRELIABLE: "late",
    rules.ApplicationState.REFUSED_NO_PLACES: "late",
    rules.ApplicationState.NO_TEST_REQUIRED: "ok",
    rules.ApplicationState.REFERRED: "info",
    rules.ApplicationState.CANCELLED_NOT_BOOKED: "late",
    rules.ApplicationState.AWAITING_RESULT: "info",
    rules.ApplicationState.NO_SHOW: "soon",
    rules.ApplicationState.NOT_ADMITTED: "soon",
    rules.ApplicationState.PASSED: "ok",
    rules.ApplicationState.FAILED: "late",
    rules.ApplicationState.ENROLLED: "ok",
    rules.ApplicationState.REFUSED_TEST_FAILED: "late",
    rules.ApplicationState.REAPPLIED: "wait",
    rules.ApplicationState.WITHDRAWN: "wait",
}
DOCUMENT_KINDS: dict[str, str] = {
    rules.DocumentState.MISSING: "late",
    rules.DocumentState.PROVIDED: "soon",
    rules.DocumentState.ACCEPTED: "ok",
    rules.DocumentState.INVALID: "late",
    rules.DocumentState.EXPIRED: "late",
    rules.DocumentState.UNTRANSLATED: "late",
    rules.DocumentState.NOT_REQUIRED: "wait",
}


def found(request: HttpRequest, application_id: int) -> Any:
    """The case in the viewer's scope; to anybody else there is none."""
    try:
        return queries.case_of(request.viewer, application_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def frame(request: HttpRequest, application: Any) -> dict[str, Any]:
    """What every page of a case shows at its top: number, state, deadline."""
    today = clock.today(request.viewer.timezone)
    referral = queries.referral_in(request.viewer, application)
    due = due_of(application, referral)
    state = rules.ApplicationState(application.state)
    return {
        "application": application,
        "referral": referral,
        "due": due,
        "left": casework.working_days_left(due, today=today, profile=registry.active_profile()),
        "state": {"words": _(rules.STATE_NAMES[state]), "kind": STATE_KINDS[state]},
        "channel": _(rules.CHANNEL_NAMES[rules.Channel(application.channel)]),
    }


def due_of(application: Any, referral: Any) -> date | None:
    """The last day of the present step."""
    state = rules.ApplicationState(application.state)
    if state == rules.ApplicationState.COMPLETENESS_CHECK:
        return application.completeness_due
    if state == rules.ApplicationState.AUTHENTICITY_CHECK:
        return application.authenticity_due
    missed = rules.ReferralState.UNUSED_NO_SHOW  # after a no-show the term does not run again
    if state == rules.ApplicationState.REFERRED and referral and referral.state != missed:
        return referral.book_until
    return None


@page(roles=access.READ)
@require_GET
def case(request: HttpRequest, application_id: int) -> HttpResponse:
    return show(request, found(request, application_id))


def show(request: HttpRequest, application: Any, name: str = "") -> HttpResponse:
    viewer, today = request.viewer, clock.today(request.viewer.timezone)
    top = frame(request, application)
    referral = top["referral"]
    best = timeline.best_case(application, referral, today=today)
    course = Course(viewer, application, referral)
    current = now.now_of(course, today=today)
    context = top | {
        "now": current,
        "documents": [
            {
                "name": _(rules.DOCUMENT_NAMES[rules.DocumentKind(one.kind)]),
                "words": _(rules.DOCUMENT_STATE_NAMES[rules.DocumentState(one.state)]),
                "kind": DOCUMENT_KINDS[one.state],
                "valid_until": one.valid_until,
                "comment": one.comment,
            }
            for one in current.documents
        ],
        "steps": timeline.steps_of(course, due=top["due"], today=today),
        "best": best,
        "form": form_words(application, today),
        "category": _(rules.CATEGORY_NAMES[rules.Category(application.category)]),
        "birth_year": application.child.birth_date.year if application.child.birth_date else "",
        "name": name,
        "person_url": reverse("application-person", args=[application.pk])
        if may(viewer, access.ROLES, "admissions.read_person")
        else "",
        "acts": [
            {
                "at": entry.at,
                "sentence": _(EVENTS.get(entry.event, entry.event)),
                "who": entry.who or _("система"),
            }
            for entry in events_of_case(application.pk)[:JOURNAL_ROWS]
        ],
        "mine": may(viewer, access.ROLES, "admissions.decide"),
        "may_withdraw": may(viewer, access.ROLES, "admissions.withdraw")
        and rules.ApplicationState.WITHDRAWN
        in rules.TRANSITIONS[rules.ApplicationState(application.state)],
    }
    return render(request, "case/case.html", context)


def form_words(application: Any, today: date) -> str:
    """How the child will be tested, by the law of today."""
    form, _value = rules.form_of_test(
        application.grade,
        rules.Category(application.category),
        test_on=application.tested_on or today,
        profile=registry.active_profile(),
    )
    return {
        None: _("тестирование не требуется"),
        law.Form.ORAL: _("устная"),
        law.Form.ORAL_WRITTEN: _("устная и письменная"),
    }[form]


@page(roles=access.ROLES["admissions.read_person"])
@require_POST
def person(request: HttpRequest, application_id: int) -> HttpResponse:
    """Show the child's name, and note in the journal that it was shown."""
    found(request, application_id)
    application = actions.show_person(
        application_id=application_id, actor=request.viewer, now=clock.now(), where="case"
    )
    name = application.child.full_name
    if request.headers.get("HX-Request"):
        return render(request, "case/person.html", {"name": name})
    return show(request, application, name)
