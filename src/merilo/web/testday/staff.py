"""Page: who does what on the day, and in which room. /days/5/staff/"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry.access import Role
from merilo.testday import actions, queries, rules
from merilo.testday.rules import DayRole, OralScheme, SessionDayState
from merilo.web import refusals
from merilo.web.routes import page

from .scope import day_or_404, frame, today

ORG = frozenset({Role.TESTING_ORG})
HELPERS = (DayRole.TECH, DayRole.OBSERVER, DayRole.SUPPORT)
SCHEMES = {
    OralScheme.LIVE: gettext_lazy("во время ответа"),
    OralScheme.AUDIO: gettext_lazy("по аудиозаписи"),
    OralScheme.BOTH: gettext_lazy("и во время ответа, и по аудиозаписи"),
}
LINES = 2  # duties offered to one person; more where he has more


class StaffForm(forms.Form):
    """The order of the day and, for every person, up to a few duties with rooms."""

    staffing_order = forms.CharField(
        label=gettext_lazy("Распоряжение о распределении обязанностей"),
        help_text=gettext_lazy("Номер и дата, например «№ 3 от 12.03.2026»."),
        max_length=120,
        required=False,
    )
    oral_scheme = forms.ChoiceField(
        label=gettext_lazy("Как проверяют устную часть"),
        choices=[(one.value, words) for one, words in SCHEMES.items()],
    )

    def __init__(self, *args: Any, people: list[dict[str, Any]], rooms, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.people = people
        room_choices = [
            ("", _("без аудитории")),
            *((room.pk, _("ауд. %(number)s") % {"number": room.number}) for room in rooms),
        ]
        for person in people:
            roles = [
                (role.value, _(rules.ROLE_WORDS[role]))
                for role in DayRole
                if person["member"] or role in HELPERS
            ]
            person["lines"] = []
            for index in range(person["count"]):
                role, room = f"role_{person['id']}_{index}", f"room_{person['id']}_{index}"
                which = person["name"] if not index else f"{person['name']}, {index + 1}"
                self.fields[role] = forms.ChoiceField(
                    choices=[("", _("не занят") if not index else _("ещё обязанность…")), *roles],
                    required=False,
                    label=_("Обязанность: %(who)s") % {"who": which},
                )
                self.fields[room] = forms.TypedChoiceField(
                    choices=room_choices,
                    required=False,
                    coerce=int,
                    empty_value=None,
                    label=_("Аудитория: %(who)s") % {"who": which},
                )
                person["lines"].append((role, room))

    def rows(self) -> list[dict[str, Any]]:
        return [
            person | {"lines": [(self[role], self[room]) for role, room in person["lines"]]}
            for person in self.people
        ]

    def duties(self) -> list[actions.DutyOfDay]:
        data = self.cleaned_data
        return [
            actions.DutyOfDay(person["id"], DayRole(data[role]), data[room])
            for person in self.people
            for role, room in person["lines"]
            if data.get(role)
        ]


@page(roles=ORG)
@require_http_methods(["GET", "POST"])
def staff(request: HttpRequest, day_id: int) -> HttpResponse:
    day = day_or_404(request, day_id)
    commissions = [
        one
        for one in queries.commissions_of(request.viewer)
        if not one.dissolved_on or one.dissolved_on > day.session.held_on
    ]
    commission = chosen_commission(request, day, commissions)
    form = None
    reasons: tuple[Any, ...] = ()
    if commission:
        form = staff_form(request, day, commission)
        if request.method == "POST" and form.is_valid():
            try:
                _day, reasons = actions.staff_day(
                    day_id=day.pk,
                    commission_id=commission.pk,
                    duties=form.duties(),
                    staffing_order=form.cleaned_data["staffing_order"],
                    oral_scheme=OralScheme(form.cleaned_data["oral_scheme"]),
                    actor=request.viewer,
                    now=clock.now(),
                )
            except Refused as refused:
                refusals.show(refused, form)
            else:
                missing = [reason for reason in reasons if not reason.is_warning]
                refusals.flash(request, reasons)
                if missing:
                    return redirect("day-staff", day.pk)
                messages.success(request, _("Обязанности распределены."))
                return redirect("day", day.pk)
    return render(
        request,
        "testday/staff.html",
        frame(request, day, "day")
        | {
            "form": form,
            "commission": commission,
            "commissions": commissions,
            "closed": day.state
            not in (SessionDayState.PLANNED, SessionDayState.STAFFED, SessionDayState.RUNNING),
            "replaceable": replaceable(request, day),
        },
        status=400 if form is not None and form.errors else 200,
    )


def chosen_commission(request: HttpRequest, day, commissions):
    """The one asked for, else the day's own, else the newest."""
    wanted = request.POST.get("commission") or request.GET.get("commission", "")
    by_id = {str(one.pk): one for one in commissions}
    return (
        by_id.get(wanted)
        or by_id.get(str(day.commission_id))
        or (commissions[0] if commissions else None)
    )


def staff_form(request: HttpRequest, day, commission) -> StaffForm:
    """Members first; the duties the day has, or those of the commission's last day."""
    now = queries.assignments_of(day) or queries.last_duties(
        commission.pk, before=day.session.held_on
    )
    given = defaultdict(list)
    for one in now:
        given[one.position_id].append((one.role, one.room_id))
    members = {one.position_id: one for one in commission.members.all()}
    people = []
    for position in queries.staff_of(day.session.testing_org_id, on=day.session.held_on):
        member = members.get(position.pk)
        if member is None and position.role not in (Role.COMMISSION, Role.TESTING_ORG):
            continue
        people.append(
            {
                "id": position.pk,
                "name": queries.name_of(position),
                "title": position.title,
                "member": member is not None,
                "chair": bool(member and member.is_chair),
                "experience": member.experience_years if member else None,
                "count": max(LINES if member else 1, len(given[position.pk])),
            }
        )
    people.sort(key=lambda one: (not one["chair"], not one["member"]))
    initial: dict[str, Any] = {
        "staffing_order": day.staffing_order,
        "oral_scheme": day.oral_scheme,
    }
    rooms = queries.rooms_of_day(day)
    room_ids = {room.pk for room in rooms}
    for position_id, pairs in given.items():
        for index, (role, room) in enumerate(pairs):
            initial[f"role_{position_id}_{index}"] = role
            initial[f"room_{position_id}_{index}"] = room if room in room_ids else None
    if not now:
        for one in people:
            if one["chair"]:
                initial[f"role_{one['id']}_0"] = DayRole.CHAIR
    return StaffForm(request.POST or None, initial=initial, people=people, rooms=rooms)


def replaceable(request: HttpRequest, day) -> bool:
    """On the day itself a change is a replacement, with a reason for the protocol."""
    return day.session.held_on == today(request) and day.assignments.exists()


class ReplaceForm(forms.Form):
    position = forms.TypedChoiceField(label=gettext_lazy("Кто заменяет"), coerce=int)
    why = forms.CharField(
        label=gettext_lazy("Причина замены"),
        help_text=gettext_lazy("Войдёт в протокол дня дословно."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


@page(roles=ORG)
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, day_id: int, assignment_id: int) -> HttpResponse:
    """Put another person into a duty on the day itself. /days/5/staff/7/"""
    day = day_or_404(request, day_id)
    row = next((one for one in queries.assignments_of(day) if one.pk == assignment_id), None)
    if row is None:
        raise Http404
    form = ReplaceForm(request.POST or None)
    form.fields["position"].choices = [
        (one.pk, f"{queries.name_of(one)}, {one.title}")
        for one in queries.staff_of(day.session.testing_org_id, on=day.session.held_on)
        if one.pk != row.position_id
    ]
    if request.method == "POST" and form.is_valid():
        try:
            actions.replace_on_day(
                assignment_id=row.pk,
                position_id=form.cleaned_data["position"],
                why=form.cleaned_data["why"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Замена записана и войдёт в протокол дня."))
            return redirect("day", day.pk)
    return render(
        request,
        "testday/replace.html",
        frame(request, day, "day")
        | {
            "form": form,
            "who": queries.name_of(row.position),
            "duty": _(rules.ROLE_WORDS[DayRole(row.role)]),
            "room": row.room.number if row.room else "",
        },
        status=400 if form.errors else 200,
    )
