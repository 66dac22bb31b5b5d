"""Pages: check-in at the door, full screen, one participant after another. /days/5/check-in/"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.booking.rules import BookingState
from merilo.foundation import clock
from merilo.foundation.journal.recording import record, record_view
from merilo.law import Form, Refused
from merilo.testday import actions, queries, rules
from merilo.web import refusals
from merilo.web.routes import page

from .scope import CONDUCT, day_to_conduct, frame, profile, refused_words, today

CHILD_DOCUMENTS = (
    N_("свидетельство о рождении"),
    N_("паспорт иностранного гражданина"),
    N_("вид на жительство"),
    N_("разрешение на временное проживание"),
    N_("удостоверение беженца"),
    N_("другой документ, удостоверяющий личность"),
)
ADULT_DOCUMENTS = (
    N_("паспорт гражданина РФ"),
    N_("паспорт иностранного гражданина"),
    N_("вид на жительство"),
    N_("разрешение на временное проживание"),
    N_("другой документ, удостоверяющий личность"),
)
# These are mended at the door: look again, wait, ask. The rest means «not today».
YELLOW = (
    rules.IDENTITY_DIFFERS,
    rules.PARENT_ABSENT,
    rules.ALREADY_ADMITTED,
    rules.NO_VARIANT_LEFT,
    rules.BAD_SCHOOL_CODE,
)


def documents(words) -> list[tuple[str, str]]:
    """Choices whose value is the Russian word kept in the protocol."""
    return [("", _("не предъявлен")), *((word, _(word)) for word in words)]


class SearchForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Номер направления или начало фамилии"),
        help_text=gettext_lazy("Можно считать QR-код направления сканером."),
        max_length=300,
    )


class DocumentField(forms.ChoiceField):
    """A document that is asked for; what follows when it is not shown is the rule's answer."""

    def validate(self, value: str) -> None:
        if value:
            super().validate(value)


class AdmitForm(forms.Form):
    use_required_attribute = False

    child_document = DocumentField(label=gettext_lazy("Документ участника"))
    representative_document = DocumentField(
        label=gettext_lazy("Документ родителя (законного представителя)")
    )
    representative_absent = forms.BooleanField(
        label=gettext_lazy("Родитель (законный представитель) не пришёл"), required=False
    )
    documents_differ = forms.BooleanField(
        label=gettext_lazy("Документ не совпадает с данными заявления"), required=False
    )

    room_oral = forms.ChoiceField(label=gettext_lazy("Аудитория устной части"), required=False)
    room_written = forms.ChoiceField(
        label=gettext_lazy("Аудитория письменной части"), required=False
    )

    def __init__(self, *args, alone: bool, rooms, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("room_oral", "room_written"):
            self.fields[name].choices = [
                ("", _("по рассадке")),
                *((room.number, room.number) for room in rooms),
            ]
        self.fields["child_document"].choices = documents(CHILD_DOCUMENTS)
        self.fields["representative_document"].choices = documents(ADULT_DOCUMENTS)
        if alone:
            del self.fields["representative_document"]
            del self.fields["representative_absent"]


class RefuseForm(forms.Form):
    why = forms.ChoiceField(
        label=gettext_lazy("Причина"),
        choices=[(code.value, gettext_lazy(w)) for code, w in rules.TURNED_AWAY_WORDS.items()],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Что произошло у входа"),
        help_text=gettext_lazy("Войдёт в протокол дня дословно. Родитель увидит только причину."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


@page(roles=CONDUCT)
@require_http_methods(["GET", "POST"])
def checkin(request: HttpRequest, day_id: int) -> HttpResponse:
    """Find the next one. A surname is typed into a POST and noted in the journal."""
    day = day_to_conduct(request, day_id)
    form = SearchForm(request.POST or None)
    found = []
    if request.method == "POST" and form.is_valid():
        found = queries.find_at_door(day, form.cleaned_data["q"])
        record("search.by-name", actor=request.viewer, about=day, at=clock.now(), found=len(found))
        if len(found) == 1:
            return redirect("day-checkin-one", day.pk, found[0].pk)
        for booking in found:
            see(request, booking, "check-in-search")
        if not found:
            form.add_error(
                "q", _("В этот день такого участника нет. Проверьте номер или первые буквы.")
            )
    view = queries.day_view(day, profile=profile())
    states = {state: _(words) for state, words in rules.ATTEMPT_WORDS.items()}
    refused = queries.turned_away(day)
    people = [
        {
            "one": one,
            "state": states[one.attempt.state] if one.attempt else "",
            "kind": "late" if one.attempt and one.attempt.state in rules.STOPPED else "ok",
            "refused": _(rules.TURNED_AWAY_WORDS[refused[one.booking.pk]])
            if one.attempt is None and one.booking.pk in refused
            else "",
        }
        for one in view.people
    ]
    turned_away = sum(bool(row["refused"]) for row in people)
    return render(
        request,
        "testday/checkin.html",
        frame(request, day, "day-checkin")
        | {
            "form": form,
            "found": found,
            "people": people,
            "absent": view.no_shows,
            "missed": len(view.no_shows),
            "not_admitted": [(b, refused_words(b)) for b in view.not_admitted],
            "came": len(view.attempts),
            "waiting": len(view.waiting) - turned_away,
            "turned_away": turned_away + len(view.not_admitted),
            "may_note_absence": day.session.held_on <= today(request),
        },
    )


def see(request: HttpRequest, booking, where: str) -> None:
    application = booking.referral.application
    record_view(
        actor=request.viewer, about=application, at=clock.now(), case_id=application.pk, page=where
    )


def booking_or_404(day, booking_id: int):
    booking = queries.booking_at_door(day, booking_id)
    if booking is None:
        raise Http404
    return booking


@page(roles=CONDUCT)
@require_http_methods(["GET", "POST"])
def admit(request: HttpRequest, day_id: int, booking_id: int) -> HttpResponse:
    """One participant: what to ask for, and the answer in green, yellow or red."""
    day = day_to_conduct(request, day_id)
    booking = booking_or_404(day, booking_id)
    application = booking.referral.application
    law = profile()
    alone = bool(
        application.child.birth_date
        and rules.acts_alone(application.child.birth_date, on=day.session.held_on, profile=law)
    )
    form = AdmitForm(request.POST or None, alone=alone, rooms=queries.rooms_of_day(day))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.check_in(
                booking_id=booking.pk,
                child_document=data["child_document"],
                representative_document=data.get("representative_document", ""),
                representative_present=not data.get("representative_absent"),
                documents_agree=not data["documents_differ"],
                room_oral=data["room_oral"],
                room_written=data["room_written"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            return answer(request, day, booking, refused=refused)
        return redirect("day-checkin-done", day.pk, booking.pk)
    see(request, booking, "check-in")
    view = queries.day_view(day, profile=law)
    one = next((p for p in view.people if p.booking.pk == booking.pk), None)
    return render(
        request,
        "testday/admit.html",
        frame(request, day, "day-checkin")
        | {
            "form": form,
            "booking": booking,
            "application": application,
            "child": application.child,
            "representative": application.representative,
            "alone": alone,
            "one": one,
            "oral_only": one is not None and one.form == Form.ORAL,
            "attempt": one.attempt if one else None,
            "refuse_form": RefuseForm(),
            "refused": queries.turned_away(day).get(booking.pk),
            "may_note_absence": day.session.held_on <= today(request),
        },
    )


def answer(request: HttpRequest, day, booking, *, refused: Refused) -> HttpResponse:
    """Yellow when it may be mended at once, red when not; the refusal itself is one key away."""
    see(request, booking, "check-in")
    reasons = refused.refusals
    yellow = all(reason.reason in YELLOW for reason in reasons)
    note = " ".join(refusals.sentence(reason, with_source=False) for reason in reasons)
    return render(
        request,
        "testday/answer.html",
        {
            "day": day,
            "booking": booking,
            "child": booking.referral.application.child,
            "state": "yellow" if yellow else "red",
            "title": _("Нужна проверка") if yellow else _("Не допущен"),
            "reasons": reasons,
            "note": note[:500],
            "why": rules.turned_away_for(reasons).value,
            "codes": [reason.code for reason in reasons],
            "can_refuse": booking.state == BookingState.CONFIRMED,
        },
        status=409,
    )


@page(roles=CONDUCT)
@require_GET
def admitted(request: HttpRequest, day_id: int, booking_id: int) -> HttpResponse:
    """The green answer: where to go, and who is next."""
    day = day_to_conduct(request, day_id)
    booking = booking_or_404(day, booking_id)
    view = queries.day_view(day, profile=profile())
    one = next((p for p in view.people if p.booking.pk == booking.pk and p.attempt), None)
    if one is None:
        raise Http404
    see(request, booking, "check-in")
    return render(
        request,
        "testday/answer.html",
        {
            "day": day,
            "booking": booking,
            "child": booking.referral.application.child,
            "attempt": one.attempt,
            "state": "green",
            "title": _("Допущен"),
            "next": queries.next_expected(view, booking.pk),
            "left": len(view.waiting),
        },
    )


@page(roles=CONDUCT)
@require_POST
def refuse(request: HttpRequest, day_id: int, booking_id: int) -> HttpResponse:
    """Write the refusal down as an event of the day."""
    day = day_to_conduct(request, day_id)
    booking = booking_or_404(day, booking_id)
    try:
        actions.refuse_admission(
            booking_id=booking.pk,
            reasons=[code for code in request.POST.getlist("codes") if len(code) < 60][:20],
            why=request.POST.get("why", ""),
            note=request.POST.get("note", ""),
            actor=request.viewer,
            now=clock.now(),
        )
    except Refused as refused:
        refusals.flash(request, refused)
        return redirect("day-checkin-one", day.pk, booking.pk)
    messages.success(request, _("Отказ записан с причиной. Участника можно допустить позже."))
    return redirect("day-checkin", day.pk)


@page(roles=CONDUCT)
@require_POST
def close(request: HttpRequest, day_id: int, booking_id: int) -> HttpResponse:
    """End the booking of somebody turned away, with the reason; school and МОУО are told."""
    day = day_to_conduct(request, day_id)
    booking = booking_or_404(day, booking_id)
    try:
        actions.close_refused(booking_id=booking.pk, actor=request.viewer, now=clock.now())
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(
            request, _("Запись закрыта: участник не допущен. Школа и МОУО получили сведения.")
        )
    return redirect("day-checkin", day.pk)


@page(roles=CONDUCT)
@require_POST
def absent(request: HttpRequest, day_id: int, booking_id: int) -> HttpResponse:
    """Note a no-show; school and МОУО are told at once."""
    day = day_to_conduct(request, day_id)
    booking = booking_or_404(day, booking_id)
    try:
        actions.no_show(booking_id=booking.pk, actor=request.viewer, now=clock.now())
    except Refused as refused:
        refusals.flash(request, refused)
    else:
        messages.success(request, _("Неявка отмечена. Школа и МОУО получили сведения."))
    return redirect("day-checkin", day.pk)
