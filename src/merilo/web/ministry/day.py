"""Pages: a day of a schedule — add it, change it, put it off, set another instead.

/schedules/3/add/ /schedules/3/additional/ /schedules/days/7/
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from merilo.booking import actions, queries, rules
from merilo.booking.access import ROLES
from merilo.foundation import clock
from merilo.law import Refused
from merilo.registry import queries as registry
from merilo.registry.access import Role
from merilo.web.booking.schedule import dress
from merilo.web.ministry.schedule import found as found_schedule
from merilo.web.refusals import flash, show
from merilo.web.routes import page

GRADES = [(n, str(n)) for n in range(1, 12)]


class Day(forms.Form):
    place = forms.TypedChoiceField(
        label=lazy("Пункт прохождения тестирования"),
        help_text=lazy("Пункт определяет и тестирующую организацию."),
        coerce=int,
    )
    held_on = forms.DateField(label=lazy("День"), help_text=lazy("Например, 10.04.2026."))
    starts_at = forms.TimeField(
        label=lazy("Начало"),
        help_text=lazy("Например, 10:00."),
        widget=forms.TimeInput(format="%H:%M"),
    )
    grades = forms.TypedMultipleChoiceField(
        label=lazy("Классы"), coerce=int, choices=GRADES, widget=forms.CheckboxSelectMultiple
    )
    capacity = forms.IntegerField(
        label=lazy("Мест"), help_text=lazy("Сколько человек."), min_value=0, max_value=2000
    )
    results_official_on = forms.DateField(
        label=lazy("Официальная дата результатов"),
        help_text=lazy("От неё идёт срок апелляции."),
        required=False,
    )

    def __init__(self, *args: Any, places: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[int, str]]] = {}
        for place in places:
            groups.setdefault(place.organisation.short_name, []).append((place.pk, place.name))
        self.fields["place"].choices = [("", _("выберите")), *groups.items()]
        self.places = {place.pk: place for place in places}

    def day(self) -> dict[str, Any]:
        """The fields as the actions take them."""
        said = dict(self.cleaned_data)
        place = self.places[said.pop("place")]
        return {
            "place_id": place.pk,
            "testing_org_id": place.organisation_id,
            "held_on": said["held_on"],
            "starts_at": said["starts_at"],
            "grades": said["grades"],
            "capacity": said["capacity"],
            "results_official_on": said["results_official_on"],
        }


class AdditionalDay(Day):
    reason = forms.CharField(
        label=lazy("Техническая причина"),
        help_text=lazy("Её прочтут родители, школа и Минпросвещения."),
        max_length=300,
        error_messages={"required": lazy(rules.NO_REASON_FOR_DATE.text)},
    )


class Postpone(forms.Form):
    reason = forms.CharField(
        label=lazy("Техническая причина"),
        help_text=lazy("Например: авария в здании. Её прочтут все, кто записан."),
        max_length=300,
        error_messages={"required": lazy(rules.NO_REASON_TO_POSTPONE.text)},
    )


def _places(request: HttpRequest) -> list[Any]:
    return list(registry.testing_places(on=clock.today(request.viewer.timezone)))


@page(roles=ROLES["booking.schedule"])
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, schedule_id: int) -> HttpResponse:
    schedule = found_schedule(request, schedule_id)
    if schedule.state == rules.ScheduleState.APPROVED:
        flash(request, rules.reasons_against_adding(rules.ScheduleState.APPROVED))
        return redirect("schedules-one", schedule_id=schedule.pk)
    form = Day(request.POST or None, places=_places(request))
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.add_session(
                schedule_id=schedule.pk, **form.day(), actor=request.viewer, now=clock.now()
            )
        except Refused as refused:
            show(refused, form)
        else:
            flash(request, changed.warnings)
            messages.success(request, _("День добавлен."))
            return redirect("schedules-one", schedule_id=schedule.pk)
    return render(request, "ministry/add.html", {"schedule": schedule, "form": form})


@page(roles=ROLES["booking.additional_date"])
@require_http_methods(["GET", "POST"])
def additional(request: HttpRequest, schedule_id: int) -> HttpResponse:
    schedule = found_schedule(request, schedule_id)
    replaced = _replaced(request, schedule)
    waiting = queries.waiting_for_new_day(replaced.pk).count() if replaced else 0
    initial: dict[str, Any] = {}
    if replaced:
        initial = {
            "place": replaced.place_id,
            "starts_at": replaced.starts_at,
            "grades": replaced.grades,
            "capacity": replaced.capacity,
            "reason": replaced.cancelled_reason,
        }
    form = AdditionalDay(request.POST or None, places=_places(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.add_additional_date(
                schedule_id=schedule.pk,
                **form.day(),
                reason=form.cleaned_data["reason"],
                replaces_id=replaced.pk if replaced else None,
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            show(refused, form)
        else:
            flash(request, changed.warnings)
            messages.success(
                request,
                ngettext(
                    "Дополнительная дата установлена, перенесён %(n)s человек.",
                    "Дополнительная дата установлена, перенесено человек: %(n)s.",
                    changed.moved,
                )
                % {"n": changed.moved},
            )
            return redirect("schedules-day", session_id=changed.session.pk)
    return render(
        request,
        "ministry/additional.html",
        {"schedule": schedule, "form": form, "replaced": replaced, "waiting": waiting},
    )


def _replaced(request: HttpRequest, schedule: Any) -> Any:
    number = request.GET.get("replaces", "")
    if not number.isdigit() or len(number) > 15:
        return None
    return queries.sessions_of_schedule(request.viewer, schedule.pk).filter(pk=int(number)).first()


@page(roles=ROLES["booking.schedule"])
@require_http_methods(["GET", "POST"])
def day(request: HttpRequest, session_id: int) -> HttpResponse:
    try:
        session = queries.sessions_visible_to(request.viewer).get(pk=session_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    form = _edit_form(request, session)
    postpone = Postpone()
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do == "edit":
                if form.is_valid():
                    return _edited(request, session, form)
            elif do == "postpone":
                postpone = Postpone(request.POST)
                if postpone.is_valid():
                    return _postponed(request, session, postpone)
            elif do == "remove":
                return _removed(request, session)
            elif do == "minpros":
                actions.note_minpros_informed(
                    session_id=session.pk,
                    on=clock.today(request.viewer.timezone),
                    actor=request.viewer,
                    now=clock.now(),
                )
                messages.success(request, _("Письмо отмечено."))
                return redirect("schedules-day", session_id=session.pk)
        except Refused as refused:
            if do == "edit":
                show(refused, form)
            elif do == "postpone":
                show(refused, postpone)
            else:
                flash(request, refused)
    approved = session.schedule.state == rules.ScheduleState.APPROVED
    planned = session.state == rules.SessionState.PLANNED
    return render(
        request,
        "ministry/day.html",
        {
            "session": dress(session),
            "form": form if planned else None,
            "postpone": postpone if planned and approved else None,
            "removable": planned and not approved,
            "waiting": queries.waiting_for_new_day(session.pk).count(),
            "replaced_by": list(session.replaced_by.all()),
            "letter_owed": session.changed_on and not session.minpros_informed_on,
        },
    )


def _edit_form(request: HttpRequest, session: Any) -> Day:
    places = _places(request)
    own = [one for one in places if one.organisation_id == session.testing_org_id]
    initial = {
        "place": session.place_id,
        "held_on": session.held_on,
        "starts_at": session.starts_at,
        "grades": session.grades,
        "capacity": session.capacity,
        "results_official_on": session.results_official_on,
    }
    data = request.POST if request.POST.get("do") == "edit" else None
    return Day(data, places=own, initial=initial)


def _edited(request: HttpRequest, session: Any, form: Day) -> HttpResponse:
    said = form.day()
    said.pop("testing_org_id")
    changed = actions.edit_session(
        session_id=session.pk, **said, actor=request.viewer, now=clock.now()
    )
    flash(request, changed.warnings)
    messages.success(request, _("День изменён."))
    return redirect("schedules-day", session_id=session.pk)


def _postponed(request: HttpRequest, session: Any, form: Postpone) -> HttpResponse:
    actions.postpone_session(
        session_id=session.pk,
        reason=form.cleaned_data["reason"],
        actor=request.viewer,
        now=clock.now(),
    )
    messages.success(
        request, _("День перенесён, все записанные предупреждены. Установите дополнительную дату.")
    )
    return redirect("schedules-day", session_id=session.pk)


def _removed(request: HttpRequest, session: Any) -> HttpResponse:
    actions.remove_session(session_id=session.pk, actor=request.viewer, now=clock.now())
    messages.success(request, _("День снят с расписания."))
    return redirect("schedules-one", schedule_id=session.schedule_id)


@page(roles=ROLES["booking.schedule"] & {Role.MINISTRY})
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """What is wrong or doubtful in the day as it stands in the form; a fragment for htmx."""
    form = Day(request.POST, places=_places(request))
    form.is_valid()
    said = form.cleaned_data
    reasons: tuple[Any, ...] = ()
    if {"place", "held_on", "starts_at", "grades", "capacity"} <= said.keys():
        number = request.POST.get("session", "")
        reasons = actions.look_at_day(
            **form.day(),
            session_id=int(number) if number.isdigit() and len(number) < 16 else None,
            today=clock.today(request.viewer.timezone),
        )
    return render(request, "ministry/check.html", {"reasons": reasons})
