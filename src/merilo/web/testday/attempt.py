"""Pages: one attempt on the day, its recording and variants; annulment by the chair."""

from __future__ import annotations

import io
import math
import struct
import wave

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.foundation import clock
from merilo.foundation.journal.recording import record_view
from merilo.law import Form, Part, Refused
from merilo.testday import actions, queries, rules
from merilo.testday.rules import AfterInterruption, AttemptState, DayRole
from merilo.web import refusals
from merilo.web.routes import page

from .scope import CONDUCT, attempt_or_404, frame, profile


class RecordingForm(forms.Form):
    sound = forms.FileField(
        label=gettext_lazy("Аудиозапись устного ответа"),
        help_text=gettext_lazy("WAV, MP3, OGG или M4A, до 20 МБ."),
        widget=forms.FileInput(attrs={"accept": ".wav,.mp3,.ogg,.m4a"}),
    )


class InterruptForm(forms.Form):
    why = forms.ChoiceField(
        label=gettext_lazy("Почему прервано"),
        choices=[
            ("technical", gettext_lazy("техническая причина: понадобится дополнительная дата")),
            ("personal", gettext_lazy("личная причина: болезнь, уход участника")),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Что произошло"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


AFTER_PERSONAL = {
    AfterInterruption.ADDITIONAL_DATE: gettext_lazy(
        "После личной причины участника ждёт дополнительная дата по тому же направлению: её "
        "назначит министерство."
    ),
    AfterInterruption.MARKED_AS_DONE: gettext_lazy(
        "После личной причины проверяют то, что участник успел; за остальное баллов нет."
    ),
}


class VariantForm(forms.Form):
    part = forms.ChoiceField(label=gettext_lazy("Часть"))
    number = forms.CharField(label=gettext_lazy("Номер варианта"), max_length=20)

    def __init__(self, *args, parts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [(one.value, _(rules.PART_WORDS[one])) for one in parts]


@page(roles=CONDUCT)
@require_GET
def attempt(request: HttpRequest, attempt_id: int) -> HttpResponse:
    return draw(request, attempt_or_404(request, attempt_id))


def draw(
    request: HttpRequest, row, forms_given: dict[str, forms.Form] | None = None
) -> HttpResponse:
    parts = rules.parts_of(Form(row.form))
    open_parts = [
        part
        for part in parts
        if (row.oral_started_at if part == Part.ORAL else row.written_started_at) is None
    ]
    given = forms_given or {}
    personal = profile().value("testday.interrupted_personal", on=row.held_on)
    state = AttemptState(row.state)
    return render(
        request,
        "testday/attempt.html",
        frame(request, row.day, "day-rooms")
        | {
            "attempt": row,
            "words": _(rules.ATTEMPT_WORDS[state]),
            "kind": "late" if state in rules.STOPPED else "info",
            "written": Part.WRITTEN in parts,
            "past": [
                p
                for p in queries.past_attempts([row.person_id]).get(row.person_id, [])
                if p.test_on < row.held_on
            ],
            "recording_form": given.get("recording", RecordingForm()),
            "interrupt_form": given.get("interrupt", InterruptForm()),
            "variant_form": given.get("variant", VariantForm(parts=open_parts)),
            "open_parts": open_parts,
            "may_stop": AttemptState.INTERRUPTED_TECH in rules.ATTEMPT_TRANSITIONS[state],
            "after_personal": AFTER_PERSONAL[AfterInterruption(personal.value)],
            "personal_law": personal,
            "demo": settings.DEMO,
        },
        status=400 if any(form.errors for form in given.values()) else 200,
    )


@page(roles=CONDUCT)
@require_POST
def record_sound(request: HttpRequest, attempt_id: int) -> HttpResponse:
    row = attempt_or_404(request, attempt_id)
    demo = settings.DEMO and "demo" in request.POST
    form = RecordingForm(request.POST, request.FILES)
    if demo or form.is_valid():
        if demo:
            name, content = "sound.wav", a_sound()
        else:
            name, content = form.cleaned_data["sound"].name, form.cleaned_data["sound"].read()
        try:
            actions.attach_recording(
                attempt_id=row.pk,
                name=name,
                content=content,
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Запись сохранена и проверена."))
            return redirect("attempt", row.pk)
    return draw(request, row, {"recording": form})


def a_sound(seconds: float = 2.0, rate: int = 8000) -> bytes:
    """A short tone in place of a voice: demonstrations hold no real speech."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(
            b"".join(
                struct.pack("<h", int(9000 * math.sin(math.tau * 330 * i / rate)))
                for i in range(int(seconds * rate))
            )
        )
    return out.getvalue()


@page(roles=CONDUCT)
@require_POST
def interrupt(request: HttpRequest, attempt_id: int) -> HttpResponse:
    row = attempt_or_404(request, attempt_id)
    form = InterruptForm(request.POST)
    if form.is_valid():
        try:
            actions.interrupt(
                attempt_id=row.pk,
                technical=form.cleaned_data["why"] == "technical",
                note=form.cleaned_data["note"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Участие прервано, событие внесено в протокол дня."))
            return redirect("day-rooms", row.day_id)
    return draw(request, row, {"interrupt": form})


@page(roles=CONDUCT)
@require_POST
def change_variant(request: HttpRequest, attempt_id: int) -> HttpResponse:
    row = attempt_or_404(request, attempt_id)
    form = VariantForm(request.POST, parts=rules.parts_of(Form(row.form)))
    if form.is_valid():
        try:
            actions.assign_variant(
                attempt_id=row.pk,
                part=Part(form.cleaned_data["part"]),
                number=form.cleaned_data["number"],
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Вариант назначен."))
            return redirect("attempt", row.pk)
    return draw(request, row, {"variant": form})


class AnnulForm(forms.Form):
    reason = forms.ChoiceField(label=gettext_lazy("Нарушение"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("Что, когда и кем замечено"),
        help_text=gettext_lazy("Войдёт в протокол проведения тестирования дословно."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=500,
    )

    def __init__(self, *args, known, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [
            (code, f"{_(one.words).capitalize()} ({one.paragraph})") for code, one in known.items()
        ]


@page(roles=CONDUCT)
@require_http_methods(["GET", "POST"])
def annul(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """Only the chair of the day decides; everybody else reads why he may not."""
    row = attempt_or_404(request, attempt_id)
    law = profile()
    chair = queries.is_chair(request.viewer, row.day)
    known = rules.prohibitions(on=row.held_on, profile=law)
    form = AnnulForm(request.POST or None, known=known)
    if request.method == "POST" and (form.is_valid() or not chair):
        try:
            actions.annul(
                attempt_id=row.pk,
                reason_code=form.cleaned_data.get("reason", ""),
                note=form.cleaned_data.get("note", ""),
                actor=request.viewer,
                now=clock.now(),
            )
        except Refused as refused:
            refusals.show(refused, form)
        else:
            messages.success(request, _("Результат аннулирован. Решение внесено в протокол дня."))
            return redirect("attempt", row.pk)
    answer = rules.may_annul(
        by_chair_of_the_day=chair,
        code=next(iter(known), ""),
        state=AttemptState(row.state),
        on=row.held_on,
        profile=law,
    )
    if chair:
        record_view(
            actor=request.viewer,
            about=row.application,
            at=clock.now(),
            case_id=row.application_id,
            page="annulment",
        )
    return render(
        request,
        "testday/annul.html",
        frame(request, row.day, "day-rooms")
        | {
            "attempt": row,
            "form": form,
            "allowed": answer.allowed,
            "reasons": answer.reasons,
            "child": row.person if chair else None,
            "chairs": [
                queries.name_of(one.position)
                for one in queries.assignments_of(row.day)
                if one.role == DayRole.CHAIR
            ],
            "prohibitions": known,
        },
        status=400 if form.errors else 200,
    )
