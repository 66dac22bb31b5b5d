"""The card «сейчас»: what is to be done on the case, by whom, with one button for the viewer.

Later contexts add theirs: a function (course) -> Now | None, named in PROVIDERS; the first that
answers wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from merilo.admissions import queries, rules
from merilo.admissions.rules import ApplicationState as S
from merilo.admissions.rules import ReferralState as R
from merilo.law import Refusal, Value
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer
from merilo.web.case.course import Course
from merilo.web.case.timeline import capital, provided_by
from merilo.web.templatetags.merilo import day, day_month

PROVIDERS: list[str] = [
    "merilo.web.booking.timeline.now",
    "merilo.web.testday.timeline.now",
    "merilo.web.results.timeline.now",
    "merilo.web.ministry.elsewhere.now",
]


@dataclass(frozen=True)
class Now:
    """What the card says. `reasons`: why the step after this one may not be taken yet."""

    title: str
    text: str = ""
    button: str = ""
    url: str = ""
    why: str = ""
    why_text: str = ""
    source: Value | None = None
    reasons: tuple[Refusal, ...] = ()
    documents: tuple[Any, ...] = ()
    kind: str = "now"
    button_kind: str = ""  # «quiet»: may be done, need not be
    items: tuple[str, ...] = field(default=())


def now_of(course: Course, *, today: date) -> Now:
    """What is to be done now, for this viewer."""
    for name in PROVIDERS:
        if said := provided_by(name)(course):
            return said
    viewer, application, referral = course.viewer, course.application, course.referral
    state = S(application.state)
    if state in rules.END_STATES:
        return _ended(viewer, application)
    if viewer.role == Role.SCHOOL:
        return _of_school(application, referral, state, today)
    if state == S.NO_SHOW and viewer.role == Role.MOUO and (said := _of_mouo(application)):
        return said
    return of_others(application, referral, state)


def _of_school(application: Any, referral: Any, state: S, today: date) -> Now:
    to = {
        S.COMPLETENESS_CHECK: _completeness,
        S.RETURNED_INCOMPLETE: _returned,
        S.AUTHENTICITY_CHECK: _authenticity,
        S.REFERRED: _referred,
    }
    if state in to:
        return to[state](application, referral, today)
    if state in rules.UNTESTED_STATES:
        return _missed(application)
    page = reverse("application-decision", args=[application.pk])
    if state == S.AWAITING_RESULT:
        return Now(
            _("Ждём тестирования и результата"),
            _("Результат передаст тестирующая организация. Сейчас от школы ничего не требуется."),
            kind="",
        )
    texts = {
        S.NO_TEST_REQUIRED: (
            _("Принять решение о приёме"),
            _("Тестирование этому ребёнку не требуется."),
            _("К решению о приёме"),
        ),
        S.PASSED: (
            _("Принять решение о приёме"),
            _("Тестирование пройдено успешно."),
            _("К решению о приёме"),
        ),
        S.FAILED: (
            _("Принять решение о приёме"),
            _("Тестирование не пройдено. Родителю предлагают дополнительное обучение."),
            _("К решению о приёме"),
        ),
    }
    title, text, button = texts[state]
    return Now(title, text, button, page)


def _completeness(application: Any, referral: Any, today: date) -> Now:
    profile = registry.active_profile()
    documents = tuple(queries.documents_in_order(application))
    facts = application.facts(documents)
    unchecked = list(rules.unchecked(facts, on=today, profile=profile))
    defects = rules.defects(facts, on=today, profile=profile)
    if unchecked:
        text = ngettext(
            "Нужно посмотреть %(n)s документ и отметить, принят ли он.",
            "Нужно посмотреть %(n)s документов и отметить, приняты ли они.",
            len(unchecked),
        ) % {"n": len(unchecked)}
        button = _("Проверить документы")
    elif defects:
        text = _(
            "Комплект неполный, замечаний: %(n)s. Система перечислит их родителю все сразу — "
            "одним письмом."
        ) % {"n": len(defects)}
        button = _("Проверить и вернуть")
    else:
        text = _(
            "Замечаний нет. Подтвердите, что комплект полный: начнётся проверка достоверности."
        )
        button = _("Подтвердить полный комплект")
    return Now(
        _("Проверить полноту документов"),
        text,
        button,
        reverse("application-documents", args=[application.pk]),
        why=_("Почему нельзя выдать направление."),
        why_text=_(
            "Направление выдают после проверки достоверности, а она начинается с полного комплекта."
        ),
        source=profile.value("admissions.referral_copies", on=today),
        documents=documents,
    )


def _returned(application: Any, referral: Any, today: date) -> Now:
    decision = (
        queries.decisions_of(application)
        .filter(kind=rules.DecisionKind.RETURNED_INCOMPLETE)
        .last()
    )
    return Now(
        _("Ждём документы от родителя"),
        _("Заявление возвращено без рассмотрения. Подать документы снова можно в любой день."),
        _("Документы поданы снова"),
        reverse("application-resubmit", args=[application.pk]),
        items=_sentences(decision.reasons if decision else ()),
    )


def _authenticity(application: Any, referral: Any, today: date) -> Now:
    profile = registry.active_profile()
    facts = application.facts()
    reasons = tuple(rules.reasons_against_referral(facts, on=today, profile=profile))
    free = rules.exemption(facts.category, on=today, profile=profile)
    return Now(
        _("Проверить достоверность"),
        _("Категория освобождена от тестирования: направление не нужно.")
        if free
        else _("После проверки школа выдаёт направление на тестирование."),
        _("Оформить без тестирования") if free else _("Проверить и выдать направление"),
        reverse("application-authenticity", args=[application.pk]),
        why=_("Почему ещё нельзя выдать направление") if reasons and not free else "",
        reasons=() if free else reasons,
    )


def _referred(application: Any, referral: Any, today: date) -> Now:
    page = reverse("application-referral", args=[application.pk])
    if referral is None or referral.state in queries.DEAD_REFERRALS:
        return Now(_("Направления нет"), "", _("Открыть направление"), page)
    if referral.state == R.ISSUED:
        facts = referral.facts(
            queries.copies_sent_to(referral), issued_on=localdate(referral.issued_at)
        )
        if rules.copies_missing(facts, registry.active_profile()):
            return Now(
                _("Передать копии направления"),
                _("Копии получают тестирующая организация и МОУО. До этого вручение не отметить."),
                _("Передать копии"),
                page,
            )
        return Now(
            _("Подтвердить вручение направления"),
            _("Срок записи начнётся со дня, когда родитель получил направление."),
            _("Отметить вручение"),
            page,
        )
    if referral.state == R.UNUSED_NO_SHOW:
        return Now(
            _("Ждём повторной записи"),
            _("Родитель может записаться на другой день в тестирующей организации."),
            _("Открыть направление"),
            page,
            kind="",
        )
    return Now(
        _("Ждём записи на тестирование"),
        _("Родитель записывается лично: %(org)s. Последний день — %(day)s.")
        % {"org": referral.testing_org.short_name, "day": day(referral.book_until)},
        _("Открыть направление"),
        page,
        kind="",
    )


def _missed(application: Any) -> Now:
    """For the school: wait for the МОУО, or end the case."""
    page = reverse("application-decision", args=[application.pk])
    missed = queries.no_show_facts(application.pk)
    if missed is None:
        return Now(capital(_(rules.STATE_NAMES[S(application.state)])), kind="")
    follows, value = rules.after_no_show(missed, registry.active_profile())
    if follows in rules.WHY_IT_ENDS:
        return Now(
            _("Закончить дело: ребёнка не допустили к тестированию")
            if missed.turned_away
            else _("Закончить дело после неявки"),
            _(rules.WHY_IT_ENDS[follows].text),
            _("К решению"),
            page,
        )
    return Now(
        _("Ждём, пока МОУО подтвердит причину неявки"),
        _("Неявка — не провал: трёх месяцев ждать не надо. От школы сейчас ничего не требуется."),
        kind="",
        why=_("Почему нельзя записать снова."),
        why_text=_("Записать ребёнка снова можно после подтверждения причины."),
        source=value,
    )


def _of_mouo(application: Any) -> Now | None:
    """After a no-show the МОУО has something to do on the case itself."""
    missed = queries.no_show_facts(application.pk)
    if missed is None:
        return None
    follows, _value = rules.after_no_show(missed, registry.active_profile())
    if follows != rules.AfterNoShow.WAIT:
        return None
    return Now(
        _("Подтвердить причину неявки"),
        _("Ребёнок не пришёл на тестирование. До подтверждения его не запишут на другой день."),
        _("Подтвердить причину"),
        reverse("application-no-show", args=[application.pk]),
    )


def of_others(application: Any, referral: Any, state: S) -> Now:
    """For those who only look: what is happening and who acts."""
    if state == S.REFERRED and referral and referral.state == R.UNUSED_NO_SHOW:
        text = _("Родитель может записаться на другой день в тестирующей организации.")
    elif state == S.REFERRED and referral and referral.book_until:
        text = _("Родитель записывается в тестирующей организации, последний день — %(day)s.") % {
            "day": day_month(referral.book_until)
        }
    elif state == S.AWAITING_RESULT:
        text = _("Ждём тестирования и результата. Действует тестирующая организация.")
    elif state == S.RETURNED_INCOMPLETE:
        text = _("Ждём документы от родителя.")
    else:
        text = _("Действует школа: %(school)s.") % {"school": application.school.short_name}
    return Now(capital(_(rules.STATE_NAMES[state])), text, kind="")


def _ended(viewer: Viewer, application: Any) -> Now:
    decision = queries.decisions_of(application).last()
    next_one = getattr(application, "next", None)
    button = url = ""
    if next_one is not None and next_one.school_id == viewer.organisation_id:
        button, url = _("Открыть новое заявление"), reverse("application", args=[next_one.pk])
    elif application.state == S.REFUSED_TEST_FAILED and viewer.role == Role.SCHOOL:
        button = _("Обучение и новое заявление")
        url = reverse("application-decision", args=[application.pk])
    return Now(
        _("Дело закончено: %(state)s") % {"state": _(rules.STATE_NAMES[S(application.state)])},
        decision.note if decision else "",
        button,
        url,
        kind="",
        items=_sentences(decision.reasons if decision else ()),
    )


def _sentences(reasons: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(_(reason["sentence"]) for reason in reasons)
