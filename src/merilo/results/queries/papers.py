"""What a result says on paper and in a letter: the notice, its parts, what the parent does next."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from merilo.admissions.rules import Category, retest_from
from merilo.admissions.steps import words
from merilo.casework.steps import in_language
from merilo.foundation import documents
from merilo.law import Form, Part, in_words
from merilo.registry.queries import active_profile
from merilo.results import rules
from merilo.testday.queries import name_of
from merilo.testday.rules import prohibitions

from .drawn import spec_of


def letter_of(result: Any, *, enclosed: bool = True) -> tuple[str, str]:
    """Subject and text in the language the parent chose. The name stands only in the notice.

    `enclosed`: the printed notice goes with the letter; otherwise it lies on the portal.
    """
    language = result.application.language
    with override(language or "ru"):
        subject = _("Результат тестирования, заявление № %(number)s") % {
            "number": result.application.number
        }
    return subject, in_language(language, lambda: _text(result, enclosed), official=True)


def points_of(result: Any) -> str:
    """«18 из 20», nothing for an annulled attempt."""
    if result.annulled or result.total is None:
        return ""
    # The list brings this one number; elsewhere the whole specification is at hand.
    most = getattr(result, "most", None) or result.spec["thresholds"]["total_max"]["value"]
    return _("%(total)s из %(most)s") % {"total": result.total, "most": most}


def _text(result: Any, enclosed: bool) -> str:
    application = result.application
    if result.annulled:
        said = _("Результат тестирования аннулирован. Тестирование считается не пройденным.")
    elif result.passed:
        said = _("Тестирование пройдено. Набрано баллов: %(points)s.")
    else:
        said = _("Тестирование не пройдено. Набрано баллов: %(points)s.")
    lines = [
        _("Здравствуйте!"),
        _("Заявление № %(number)s. Тестирование на знание русского языка — %(day)s.")
        % {"number": application.number, "day": words(result.held_on)},
        said % {"points": points_of(result)},
        _("Уведомление о результатах приложено к письму.")
        if enclosed
        else _("Уведомление о результатах размещено в личном кабинете портала."),
        *what_next(result),
        "\n".join(
            line for line in (application.school.short_name, application.school.phone) if line
        ),
    ]
    return "\n\n".join(lines)


def notice_of(
    result: Any, *, issued_on: Any, as_order_form: bool = False
) -> documents.ResultNotice:
    spec, session = spec_of(result), result.attempt.day.session
    person = result.attempt.person
    with override("ru"):
        next_steps = what_next(result)
    return documents.ResultNotice(
        testing_org=session.testing_org.name,
        test_date=result.held_on,
        grade=result.grade,
        full_name=person.full_name,
        id_document=f"{person.id_doc_type} {person.id_doc_number}".strip(),
        **parts_of(result, spec),
        total=result.total,
        total_max=spec.total_max,
        percent=exact_percent(result, spec),
        total_min=spec.total_min,
        oral_min=spec.oral_min,
        total_reached=bool(result.reached_total),
        oral_reached=bool(result.reached_oral),
        passed=result.passed,
        annulment=annulment_of(result),
        as_order_form=as_order_form,
        number=result.application.number,
        issued_on=issued_on,
        unique_code=result.attempt.code,
        next_steps=next_steps,
        signatory=documents.Signatory(position="Руководитель", name=session.testing_org.head),
    )


def exact_percent(result: Any, spec: Any) -> Decimal | None:
    return None if result.total is None else Decimal(result.total) * 100 / spec.total_max


def parts_of(result: Any, spec: Any) -> dict[str, Any]:
    """The oral and the written part with every criterion of the specification applied."""

    def part(which: Part, total: int | None, most: int, variant: Any) -> documents.Part:
        return documents.Part(
            variant=variant.number if variant else "",
            tasks=documents.tasks_from(
                (c.task, c.code, c.max, result.points.get(c.code)) for c in spec.part(which)
            ),
            total=total,
            total_max=most,
        )

    attempt = result.attempt
    oral = part(Part.ORAL, result.oral_sum, spec.oral_max, attempt.variant_oral)
    written = None
    if result.form == Form.ORAL_WRITTEN:
        written = part(Part.WRITTEN, result.written_sum, spec.written_max, attempt.variant_written)
    return {"oral": oral, "written": written}


def annulment_of(result: Any) -> documents.Annulment | None:
    if not result.annulled:
        return None
    attempt = result.attempt
    known = prohibitions(on=result.held_on, profile=active_profile())
    prohibition = known.get(attempt.annulled_reason)
    with override("ru"):
        return documents.Annulment(
            reason_code=attempt.annulled_reason,
            reason=in_words(prohibition.words) if prohibition else attempt.annulled_note,
            law=prohibition.paragraph if prohibition else "",
            decided_on=day_of(attempt.annulled_at),
            decided_by=name_of(attempt.annulled_by) or "председатель комиссии",
        )


def what_next(result: Any) -> tuple[str, ...]:
    """Plain words for the parent under the notice."""
    profile = active_profile()
    lines = []
    until = rules.appeal_closes_on(
        official_on=result.official_on,
        received_on=day_of(result.informed_at),
        profile=profile,
    )
    if until:
        lines.append(
            _("Апелляцию о несогласии с баллами можно подать до %(day)s.") % {"day": words(until)}
        )
    if result.passed:
        lines.append(_("Школа примет решение о приёме и сообщит о нём отдельно."))
    else:
        earliest = retest_from(
            [result.held_on],
            Category(result.application.category),
            asked_on=result.held_on,
            profile=profile,
        ).dates["earliest"]
        if earliest:
            lines.append(
                _("Повторное тестирование возможно не раньше %(day)s.") % {"day": words(earliest)}
            )
        lines.append(_("Школа предложит дополнительное обучение русскому языку."))
    return tuple(lines)


def day_of(moment: datetime | None) -> date | None:
    """The day of a moment as the region's clocks show it."""
    return localtime(moment).date() if moment else None
