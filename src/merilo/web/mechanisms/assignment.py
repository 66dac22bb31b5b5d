"""Page of the ministry: who scores whom — proposed, looked at, made. /mechanisms/cycles/2/assignment/"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from merilo.foundation import clock
from merilo.law import Refusal, Refused
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.actions import assigning as actions
from merilo.mechanisms.actions import objecting
from merilo.mechanisms.queries import expertise
from merilo.mechanisms.queries import experts as queries
from merilo.mechanisms.queries.places import cycles_of
from merilo.mechanisms.rules.assignment import not_enough, reasons_against_appointment
from merilo.mechanisms.rules.expertise import APPOINTMENT_WORDS, AppointmentState
from merilo.mechanisms.rules.harmonisation import day_is_over
from merilo.mechanisms.rules.states import CycleState
from merilo.registry import queries as registry
from merilo.web import refusals
from merilo.web.routes import page

from .experts import name_of
from .words import is_id

OPERATE = ROLES["mechanisms.experts"]


@page(roles=OPERATE)
@require_http_methods(["GET", "POST"])
def assignment(request: HttpRequest, cycle_id: int) -> HttpResponse:
    viewer, now = request.viewer, clock.now()
    cycle = cycles_of(viewer).get(pk=cycle_id)
    if request.method == "POST":
        try:
            made = actions.appoint_by_plan(
                cycle_id=cycle_id,
                seed=request.POST.get("seed", "")[:40],
                digest=request.POST.get("digest", ""),
                actor=viewer,
                now=now,
            )
        except Refused as refused:
            refusals.flash(request, refused)
        else:
            messages.success(request, _("Назначено: %(count)s.") % {"count": len(made)})
        return redirect("mechanisms-assignment", cycle_id)
    today = clock.today(viewer.timezone)
    experts = list(queries.listed(viewer))
    names = {one.pk: name_of(one.position) for one in experts}
    portions = {one.key: one for one in queries.portions_to_score(cycle)}
    assigning = cycle.state in actions.ASSIGNING
    seed = request.GET.get("seed", "1")[:40]
    proposed = None
    if assigning:
        proposed = queries.proposed(cycle, viewer, seed=seed, on=today)
    facts = {one.id: one for one in queries.facts_of(experts, on=today)}
    appointed = expertise.appointments_visible_to(viewer).filter(submission__cycle=cycle)
    rows: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    load: dict[int, int] = defaultdict(int)
    for one in appointed.select_related("expert__position__account__person").order_by("pk"):
        key = (one.submission_id, one.direction.code)
        portion = portions.get(key)
        against = (
            list(reasons_against_appointment(facts[one.expert_id], portion))
            if portion and one.expert_id in facts
            else []
        )
        load[one.expert_id] += portion.size if portion else 0
        rows[key].append(
            {
                "it": one,
                "name": name_of(one.expert.position),
                "state": APPOINTMENT_WORDS[AppointmentState(one.state)],
                "done": one.state == AppointmentState.DONE,
                "against": against,
            }
        )
    profile = registry.active_profile()
    policy = expertise.policy_of(profile, on=today)
    lacking = list(
        not_enough(
            list(portions.values()), queries.held_of(cycle, third=False), needed=policy.needed
        )
    )
    new: dict[tuple[int, str], list[str]] = defaultdict(list)
    for expert_id, key in proposed.plan.appointments if proposed else ():
        new[key].append(names[expert_id])
    return render(
        request,
        "mechanisms/assignment.html",
        {
            "cycle": cycle,
            "seed": seed,
            "another": str(int(seed) + 1 if is_id(seed) else 1),
            "proposed": proposed,
            "rows": [(one, rows[one.key], new[one.key]) for one in portions.values()],
            "loads": [
                (names[one.pk], load[one.pk], proposed.plan.load.get(one.pk) if proposed else None)
                for one in experts
            ],
            "lacking": by_municipality(lacking) if assigning else [],
            "too_early": cycle.state in (CycleState.PREPARING, CycleState.OPEN),
            "needed": policy.needed,
            "to_begin": cycle.state == CycleState.CLOSED and portions and not lacking,
            "in_expertise": cycle.state == CycleState.EXPERTISE,
            "objections": cycle.state == CycleState.OBJECTIONS,
            "over": day_is_over(cycle.object_by, today=today),
            "term": profile.value_if_any("mechanisms.objection_wd", on=today),
            "choices": [(one.pk, names[one.pk]) for one in experts],
            "assigning": assigning,
            "directions": {
                one["it"].direction.code: one["it"].direction
                for some in rows.values()
                for one in some
            },
        },
    )


def by_municipality(lacking: list[Refusal]) -> list[tuple[str, list[Refusal]]]:
    """One line a municipality: a region has hundreds of directions without experts at first."""
    found: dict[str, list[Refusal]] = defaultdict(list)
    for one in lacking:
        found[one.facts["municipality"]].append(one)
    return list(found.items())


@page(roles=OPERATE)
@require_POST
def move(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """The steps of a cycle that stand on the marks: begin, open objections, finish."""
    cycles_of(request.viewer).get(pk=cycle_id)
    step = request.POST.get("step", "")
    at: dict[str, Any] = {"cycle_id": cycle_id, "actor": request.viewer, "now": clock.now()}
    try:
        if step == "begin":
            actions.begin_expertise(**at)
            messages.success(request, _("Экспертиза начата. Эксперты получили задания."))
        elif step == "objections":
            objecting.open_objections(**at)
            messages.success(request, _("Муниципалитеты видят свои баллы и могут возражать."))
        elif step == "finalise":
            _cycle, warnings = objecting.finalise(**at)
            messages.success(request, _("Итоги цикла утверждены."))
            refusals.flash(request, warnings)
    except Refused as refused:
        refusals.flash(request, refused)
    return redirect("mechanisms-assignment", cycle_id)


@page(roles=OPERATE)
@require_POST
def appoint(request: HttpRequest, submission_id: int, criterion_id: int) -> HttpResponse:
    """One expert to one direction by hand; the third one too."""
    submission = expertise.submissions_to_score(request.viewer).get(pk=submission_id)
    expert = request.POST.get("expert", "")
    third = request.POST.get("third") == "yes"
    if is_id(expert):
        try:
            _made, warnings = actions.appoint(
                expert_id=int(expert),
                submission_id=submission_id,
                direction_id=criterion_id,
                third=third,
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.flash(request, refused)
        else:
            messages.success(request, _("Эксперт назначен."))
            refusals.flash(request, warnings)
    if third:
        return redirect("mechanisms-marks", submission_id)
    return redirect("mechanisms-assignment", submission.cycle_id)


@page(roles=OPERATE)
@require_POST
def dismiss(request: HttpRequest, appointment_id: int) -> HttpResponse:
    found = expertise.appointments_visible_to(request.viewer).get(pk=appointment_id)
    try:
        actions.dismiss(appointment_id=appointment_id, actor=request.viewer, now=clock.now())
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(request, _("Назначение снято."))
    return redirect("mechanisms-assignment", found.submission.cycle_id)
