"""Pages: the parent's status page, without an account: number + birth date + one-time code. /status/

Whether a case exists is never told: a wrong number and a wrong birth date lead to the same page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from merilo.admissions import queries as admissions
from merilo.casework.rules import Channel
from merilo.casework.steps import in_language, queue_notice
from merilo.foundation import clock
from merilo.foundation.codes import one_time
from merilo.foundation.journal.recording import record
from merilo.foundation.limits import counting
from merilo.law import Refused
from merilo.registry.access import Role, Viewer
from merilo.results import queries
from merilo.web import refusals
from merilo.web.parent.words import now_words, steps_of
from merilo.web.routes import page

OPEN_FOR = timedelta(minutes=30)
ASKS_PER_HOUR = 20


class WhoForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Номер заявления или направления"),
        help_text=gettext_lazy("Например, 025-0431 или Н-025-0117. Он есть в письме из школы."),
        max_length=30,
    )
    birth_date = forms.DateField(
        label=gettext_lazy("Дата рождения ребёнка"),
        help_text=gettext_lazy("Например, 27.03.2016."),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Код из письма"),
        help_text=gettext_lazy("Шесть цифр. Код действует 20 минут."),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


def _subject(application_id: int) -> str:
    return f"status:{application_id}"


def _on_paper(application_id: int) -> str:
    """A code the school printed lives beside the letters: asking for one does not end the other."""
    return f"status-paper:{application_id}"


def _spend(application_id: int, code: str) -> None:
    """Spend the code of a letter or of a paper, or refuse."""
    now = clock.now()
    try:
        one_time.use(_subject(application_id), code, now=now)
    except Refused:
        one_time.use(_on_paper(application_id), code, now=now)


def _too_often(request: HttpRequest) -> bool:
    """Nobody may try numbers in rows: a limit for each address."""
    wait = counting.wait_after(
        f"status-asks:{counting.of_address(request.META.get('REMOTE_ADDR', ''))}",
        at_most=ASKS_PER_HOUR,
        now=clock.now(),
        window=timedelta(hours=1),
    )
    return wait > 0


@page(public=True)
@never_cache
@require_http_methods(["GET", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Say whose case; the code goes to the address in the application."""
    form = WhoForm(request.POST or None, initial={"number": request.GET.get("number", "")[:30]})
    if request.method == "POST" and _too_often(request):
        return render(request, "parent/too_often.html", status=429)
    if request.method == "POST" and form.is_valid():
        case = queries.case_of_parent(form.cleaned_data["number"], form.cleaned_data["birth_date"])
        request.session["status_asked"] = case.pk if case else 0
        if case and case.notify_email:
            _send_code(case)
        return redirect("status-code")
    return render(request, "parent/status.html", {"form": form})


def _send_code(case: Any) -> None:
    """A new code by e-mail in the language of the application; the letter names nobody."""
    now = clock.now()
    try:
        code = one_time.make(_subject(case.pk), now=now)
    except Refused:
        return  # too many codes: the page answers as always
    with transaction.atomic(), translation.override(case.language):
        queue_notice(
            "status-code",
            key=f"status-code:{case.pk}:{now.isoformat()}",
            channel=Channel.EMAIL,
            address=case.notify_email,
            subject_line=_("Код для страницы состояния заявления"),
            body=in_language(
                case.language,
                lambda: (
                    _(
                        "Код: %(code)s\n\nОн действует 20 минут и подходит один раз. Если вы не "
                        "запрашивали код, ничего делать не нужно."
                    )
                    % {"code": code}
                ),
            ),
            actor=Viewer.system(),
            now=now,
            language=case.language,
            case_id=case.pk,
            organisation_id=None,
        )


@page(public=True)
@never_cache
@require_http_methods(["GET", "POST"])
def status_code(request: HttpRequest) -> HttpResponse:
    if "status_asked" not in request.session:
        return redirect("status")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now, asked = clock.now(), request.session["status_asked"]
        try:
            _spend(asked, form.cleaned_data["code"])
        except Refused as refused:
            refusals.show(refused, form)
        else:
            request.session["status_case"] = asked
            request.session["status_until"] = (now + OPEN_FOR).timestamp()
            del request.session["status_asked"]
            record(
                "status.viewed",
                actor=Viewer.system(),
                about=f"application:{asked}",
                at=now,
                case_id=asked,
                kind="view",
            )
            return redirect("status-case")
    return render(request, "parent/code.html", {"form": form})


@page(public=True)
@never_cache
@require_GET
def status_case(request: HttpRequest) -> HttpResponse:
    opened = request.session.get("status_case")
    if not opened or request.session.get("status_until", 0) < clock.now().timestamp():
        request.session.pop("status_case", None)
        return redirect("status")
    told = parent_story(opened)
    return render(request, "parent/case.html", told)


def parent_story(application_id: int) -> dict[str, Any]:
    story = queries.parent_story(application_id)
    today = clock.today(settings.TIME_ZONE)
    return {
        "story": story,
        "now": now_words(story, today),
        "steps": steps_of(story),
        "school": story.application.school,
    }


@page(public=True)
@require_POST
def status_leave(request: HttpRequest) -> HttpResponse:
    for key in ("status_case", "status_until", "status_asked"):
        request.session.pop(key, None)
    return redirect("status")


@page(roles={Role.SCHOOL})
@require_POST
def status_code_on_paper(request: HttpRequest, application_id: int) -> HttpResponse:
    """A code for a parent without e-mail, printed by the school and handed to him."""
    case = admissions.case_of(request.viewer, application_id)
    now = clock.now()
    code = one_time.make(_on_paper(case.pk), now=now, lives=timedelta(days=3))
    record(
        "status.code-made", actor=request.viewer, about=case, at=now, case_id=case.pk, way="paper"
    )
    return render(
        request,
        "parent/paper.html",
        {
            "case": case,
            "code": code,
            "address": settings.PUBLIC_URL.rstrip("/") + reverse("status"),
            "until": now + timedelta(days=3),
        },
    )


# --- plain words -------------------------------------------------------------------------------
