"""Pages: the parent's status page, without an account: number + birth date + one-time code. /status/

Whether a case exists is never told: a wrong number and a wrong birth date lead to the same page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
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
from merilo.admissions.rules import ApplicationState, ReferralState
from merilo.casework.rules import Channel
from merilo.casework.steps import in_language, queue_notice
from merilo.foundation import clock
from merilo.foundation.codes import one_time
from merilo.foundation.journal.recording import record
from merilo.foundation.limits import counting
from merilo.law import CalendarNotPublished, Refused
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer
from merilo.results import queries
from merilo.results.queries import ParentStory
from merilo.testday.rules import TURNED_AWAY_WORDS, AfterInterruption, TurnedAway
from merilo.web import refusals
from merilo.web.parent.turns import after_no_show, book_again, other_place
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
            one_time.use(_subject(asked), form.cleaned_data["code"], now=now)
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
    code = one_time.make(_subject(case.pk), now=now, lives=timedelta(days=3))
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


@dataclass(frozen=True)
class Words:
    """What the parent reads first: where the case stands and what to do."""

    title: str
    text: str
    kind: str = "info"  # info, ok, soon, late


def now_words(story: ParentStory, today: date) -> Words:  # noqa: PLR0911 - one answer for each state
    state = ApplicationState(story.application.state)
    s = ApplicationState
    if state == s.COMPLETENESS_CHECK:
        return Words(
            _("Школа проверяет, все ли документы есть"),
            _(
                "Вам пока ничего делать не нужно. Если чего-то не хватает, школа перечислит всё сразу."
            ),
        )
    if state == s.RETURNED_INCOMPLETE:
        return Words(
            _("Документы вернули: не хватает некоторых"),
            _("Список всех замечаний — в письме школы. Исправьте и подайте документы ещё раз."),
            "late",
        )
    if state == s.AUTHENTICITY_CHECK:
        return Words(
            _("Школа проверяет документы"),
            _(
                "Все документы есть. Проверка занимает несколько недель. Вам ничего делать не нужно."
            ),
        )
    if state == s.REFERRED:
        return _referred(story, today)
    if state == s.AWAITING_RESULT:
        return _awaiting(story, today)
    if state == s.NO_SHOW:
        return Words(*after_no_show(story.application.pk), "late")
    if state == s.NOT_ADMITTED:
        return _not_admitted(story)
    if state in (s.PASSED, s.FAILED, s.ENROLLED, s.REFUSED_TEST_FAILED):
        return _after_test(story)
    return {
        s.NO_TEST_REQUIRED: Words(
            _("Тестирование не нужно"), _("Школа сообщит о решении о приёме."), "ok"
        ),
        s.REFUSED_UNRELIABLE: Words(
            _("Школа отказала: сведения не подтвердились"),
            _("Причина указана в письме школы. Можно подать новое заявление."),
            "late",
        ),
        s.REFUSED_NO_PLACES: Words(
            _("Школа отказала: нет свободных мест"),
            _("Узнайте о местах в других школах в управлении образования."),
            "late",
        ),
        s.CANCELLED_NOT_BOOKED: Words(
            _("Заявление аннулировано: на тестирование не записались в срок"),
            _("Можно подать новое заявление в школу."),
            "late",
        ),
        s.REAPPLIED: Words(
            _("Подано новое заявление"), _("Смотрите состояние по его номеру."), "info"
        ),
        s.WITHDRAWN: Words(_("Заявление отозвано"), _("Можно подать новое заявление в школу.")),
    }[state]


def _why_not_admitted(story: ParentStory) -> str:
    refused = story.not_admitted
    why = TURNED_AWAY_WORDS.get(refused.end_reason) if refused else None
    return _("Ребёнка не допустили к тестированию: %(why)s") % {
        "why": _(why or TURNED_AWAY_WORDS[TurnedAway.OTHER])
    }


def _not_admitted(story: ParentStory) -> Words:
    return Words(
        _why_not_admitted(story),
        _(
            "Это не считается неудачной попыткой, ждать три месяца не нужно. По этому заявлению "
            "записаться ещё раз нельзя: школа закончит дело и пришлёт письмо. Вы можете подать новое "
            "заявление."
        ),
        "late",
    )


def _broken_off(story: ParentStory, attempt: Any) -> Words:
    """What follows a test that was not taken to its end."""
    when = refusals.words(attempt.held_on)
    if attempt.interrupted_then == AfterInterruption.MARKED_AS_DONE:
        return Words(
            _("Тестирование %(day)s прервано, проверяют то, что сделано") % {"day": when},
            _("Вам ничего делать не нужно. Школа сообщит результат."),
        )
    return Words(
        _("Тестирование %(day)s прервано: ждите новую дату") % {"day": when},
        _(
            "Направление действует, записываться заново не нужно: дополнительную дату назначит "
            "министерство, и мы сразу сообщим её. Это не считается неудачной попыткой."
        ),
        "soon",
    )


def _referred(story: ParentStory, today: date) -> Words:
    referral = story.referral
    if referral is not None and referral.replaces_id and referral.received_on is None:
        return Words(*other_place(referral.testing_org), "soon")
    if referral is None or referral.received_on is None:
        return Words(
            _("Школа выдала направление на тестирование"),
            _("Получите направление в школе. После этого надо лично записаться на тестирование."),
            "soon",
        )
    place = referral.testing_org
    if referral.state == ReferralState.UNUSED_NO_SHOW:
        title, text = book_again(place)
        if story.not_admitted is not None:
            text = f"{_why_not_admitted(story)}. {text}"
        return Words(title, text, "soon")
    if referral.book_until is None:
        return Words(
            _("Запишитесь на тестирование"),
            _("Придите лично: %(place)s, %(address)s. С собой: направление и документы.")
            % {"place": place.name, "address": place.address},
            "soon",
        )
    return Words(
        _("Запишитесь на тестирование до %(day)s") % {"day": refusals.words(referral.book_until)},
        _(
            "Придите лично: %(place)s, %(address)s, телефон %(phone)s. С собой: направление, ваш "
            "документ и документ ребёнка. По телефону и почте не записывают."
        )
        % {"place": place.name, "address": place.address, "phone": place.phone or "—"},
        "soon" if referral.book_until >= today else "late",
    )


def _awaiting(story: ParentStory, today: date) -> Words:
    booking = story.booking
    if booking and booking.state == "confirmed" and booking.session.held_on >= today:
        session = booking.session
        return Words(
            _("Тестирование %(day)s в %(time)s")
            % {"day": refusals.words(session.held_on), "time": f"{session.starts_at:%H:%M}"},
            _(
                "Приходите вместе с ребёнком: %(place)s, %(address)s. Возьмите ваш документ и "
                "документ ребёнка."
            )
            % {"place": session.place.name, "address": session.place.address},
            "soon",
        )
    if story.interrupted and (booking is None or booking.pk == story.interrupted.booking_id):
        return _broken_off(story, story.interrupted)
    until = _result_by(booking)
    if until:
        text = _(
            "Школа сообщит результат. Тестирующая организация передаёт его в школу до %(day)s."
        )
        return Words(_("Ждём результат"), text % {"day": refusals.words(until)})
    return Words(_("Ждём результат"), _("Школа сообщит результат."))


def _result_by(booking: Any) -> date | None:
    if booking is None:
        return None
    profile = registry.active_profile()
    try:
        term = profile.value("results.to_school_wd", on=booking.session.held_on)
        return profile.days.after(booking.session.held_on, term.value)
    except (CalendarNotPublished, LookupError):
        return None


def _after_test(story: ParentStory) -> Words:
    result = story.result
    state = ApplicationState(story.application.state)
    if state == ApplicationState.ENROLLED:
        return Words(_("Ребёнок принят в школу"), _("Школа сообщит, когда приходить."), "ok")
    if result is None:
        return Words(
            _("Результат пришёл в школу"),
            _("Школа скоро сообщит его вам по адресу из заявления."),
            "info",
        )
    if result.annulled:
        return Words(
            _("Результат аннулирован"),
            _("Причина указана в уведомлении. Повторно пройти тестирование можно позже."),
            "late",
        )
    if result.passed:
        return Words(
            _("Тестирование пройдено"),
            _("Набрано %(total)s из %(most)s. Школа сообщит решение о приёме.")
            % {"total": result.total, "most": result.spec["thresholds"]["total_max"]["value"]},
            "ok",
        )
    return Words(
        _("Тестирование не пройдено"),
        _(
            "Набрано %(total)s из %(most)s, нужно не меньше %(least)s. Школа предложит занятия "
            "русским языком. Пройти тестирование ещё раз можно по новому заявлению."
        )
        % {
            "total": result.total,
            "most": result.spec["thresholds"]["total_max"]["value"],
            "least": result.spec["thresholds"]["total_min"]["value"],
        },
        "late",
    )


ROAD: tuple[tuple[str, frozenset[ApplicationState]], ...] = (
    (
        gettext_lazy("Документы"),
        frozenset(
            {
                ApplicationState.COMPLETENESS_CHECK,
                ApplicationState.RETURNED_INCOMPLETE,
                ApplicationState.AUTHENTICITY_CHECK,
                ApplicationState.REFUSED_UNRELIABLE,
            }
        ),
    ),
    (
        gettext_lazy("Направление и запись"),
        frozenset({ApplicationState.REFERRED, ApplicationState.CANCELLED_NOT_BOOKED}),
    ),
    (
        gettext_lazy("Тестирование"),
        frozenset(
            {
                ApplicationState.AWAITING_RESULT,
                ApplicationState.NO_SHOW,
                ApplicationState.NOT_ADMITTED,
            }
        ),
    ),
    (
        gettext_lazy("Результат"),
        frozenset({ApplicationState.PASSED, ApplicationState.FAILED}),
    ),
    (
        gettext_lazy("Решение школы"),
        frozenset(
            {
                ApplicationState.NO_TEST_REQUIRED,
                ApplicationState.REFUSED_NO_PLACES,
                ApplicationState.ENROLLED,
                ApplicationState.REFUSED_TEST_FAILED,
                ApplicationState.REAPPLIED,
                ApplicationState.WITHDRAWN,
            }
        ),
    ),
)


def steps_of(story: ParentStory) -> list[dict[str, str]]:
    """The road in five words: done, here, next."""
    state = ApplicationState(story.application.state)
    here = next(index for index, (_title, states) in enumerate(ROAD) if state in states)
    final = state in (ApplicationState.ENROLLED, ApplicationState.REFUSED_TEST_FAILED)
    return [
        {
            "title": str(title),
            "state": "done" if index < here or final else ("here" if index == here else "next"),
        }
        for index, (title, _states) in enumerate(ROAD)
    ]
