"""Papers of a result as PDF and DOCX. Each names the child, so each opening is noted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET

from merilo.admissions import queries as admissions
from merilo.admissions.rules import Category, retest_from
from merilo.foundation import clock, documents
from merilo.foundation.documents.agreement import ORDER_FORM_ORAL_MIN, ORDER_FORM_TOTAL_MIN
from merilo.foundation.journal.recording import record_view
from merilo.grading import queries as grading
from merilo.grading.rules import VERSION_WORDS, ProtocolState, VersionReason
from merilo.law import Form, Part, in_words
from merilo.registry import queries as registry
from merilo.registry.access import Role
from merilo.results import queries, rules
from merilo.testday.queries import name_of
from merilo.testday.rules import OralScheme, prohibitions
from merilo.web.routes import page
from merilo.web.templatetags.merilo import day

from .scope import day_of, result_or_404, today_of

SCHEMES = {
    OralScheme.LIVE: "во время устного ответа",
    OralScheme.AUDIO: "по аудиозаписи",
    OralScheme.BOTH: "во время устного ответа и по аудиозаписи",
}
WITH_NAMES = frozenset({Role.SCHOOL, Role.TESTING_ORG})


def answer(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(False, name)
    response["Cache-Control"] = "private, no-store"
    return response


def sent_or_404(request: HttpRequest, result_id: int) -> Any:
    """A result that has left the testing organisation: before that nothing is printed of it."""
    result = result_or_404(request, result_id)
    if result.state not in queries.SENT:
        raise Http404
    return result


def viewed(request: HttpRequest, result: Any, where: str) -> None:
    record_view(
        actor=request.viewer,
        about=result,
        at=clock.now(),
        case_id=result.application_id,
        where=where,
    )


@page(roles=WITH_NAMES)
@require_GET
def notice_pdf(request: HttpRequest, result_id: int) -> HttpResponse:
    result = sent_or_404(request, result_id)
    viewed(request, result, "notice")
    content = documents.result_notice_pdf(notice(request, result))
    return answer(content, documents.PDF, f"uvedomlenie-{result.application.number}.pdf")


@page(roles=WITH_NAMES)
@require_GET
def notice_docx(request: HttpRequest, result_id: int) -> HttpResponse:
    result = sent_or_404(request, result_id)
    viewed(request, result, "notice")
    content = documents.result_notice_docx(notice(request, result))
    return answer(content, documents.DOCX, f"uvedomlenie-{result.application.number}.docx")


@page(roles=WITH_NAMES)
@require_GET
def extract_pdf(request: HttpRequest, result_id: int) -> HttpResponse:
    result = sent_or_404(request, result_id)
    viewed(request, result, "extract")
    content = documents.extract_pdf(extract(result, issued_on=today_of(request)))
    return answer(content, documents.PDF, f"vypiska-{result.application.number}.pdf")


@page(roles={Role.TESTING_ORG})
@require_GET
def protocol_pdf(request: HttpRequest, protocol_id: int) -> HttpResponse:
    """The protocol of marking with the name, for the file of the testing organisation."""
    try:
        protocol = grading.protocol_with_person(request.viewer, protocol_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    if protocol.state == ProtocolState.DRAFT:
        raise Http404
    record_view(
        actor=request.viewer,
        about=protocol,
        at=clock.now(),
        case_id=protocol.attempt.application_id,
        where="mark-protocol",
    )
    content = documents.mark_protocol_pdf(protocol_paper(protocol))
    return answer(content, documents.PDF, f"protokol-{protocol.attempt.code}.pdf")


def notice(request: HttpRequest, result: Any) -> documents.ResultNotice:
    """The notice in the layout of its grade; `?form=order` asks for the bare form of the order."""
    as_order = request.GET.get("form") == "order" and fits_order_form(result)
    return notice_of(
        result, issued_on=day_of(result.informed_at) or today_of(request), as_order_form=as_order
    )


def fits_order_form(result: Any) -> bool:
    """Whether the printed form of the order, with its own 22 and 9, tells the truth here."""
    spec = queries.spec_of(result)
    return (
        result.grade >= 10
        and not result.annulled
        and bool(spec.part(Part.WRITTEN))
        and (spec.total_min, spec.oral_min) == (ORDER_FORM_TOTAL_MIN, ORDER_FORM_ORAL_MIN)
    )


def notice_of(
    result: Any, *, issued_on: Any, as_order_form: bool = False
) -> documents.ResultNotice:
    spec, session = queries.spec_of(result), result.attempt.day.session
    person = result.attempt.person
    with override("ru"):
        next_steps = what_next(result)
    return documents.ResultNotice(
        testing_org=session.testing_org.name,
        test_date=result.held_on,
        grade=result.grade,
        full_name=person.full_name,
        id_document=f"{person.id_doc_type} {person.id_doc_number}".strip(),
        **parts(result, spec),
        total=result.total,
        total_max=spec.total_max,
        percent=exact_percent(result, spec),
        total_min=spec.total_min,
        oral_min=spec.oral_min,
        total_reached=bool(result.reached_total),
        oral_reached=bool(result.reached_oral),
        passed=result.passed,
        annulment=annulment(result),
        as_order_form=as_order_form,
        number=result.application.number,
        issued_on=issued_on,
        unique_code=result.attempt.code,
        next_steps=next_steps,
        signatory=documents.Signatory(position="Руководитель", name=session.testing_org.head),
    )


def exact_percent(result: Any, spec: Any) -> Decimal | None:
    return None if result.total is None else Decimal(result.total) * 100 / spec.total_max


def parts(result: Any, spec: Any) -> dict[str, Any]:
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


def annulment(result: Any) -> documents.Annulment | None:
    if not result.annulled:
        return None
    attempt = result.attempt
    known = prohibitions(on=result.held_on, profile=registry.active_profile())
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
    profile = registry.active_profile()
    lines = []
    until = rules.appeal_closes_on(
        official_on=result.official_on,
        received_on=day_of(result.informed_at),
        profile=profile,
    )
    if until:
        lines.append(
            _("Апелляцию о несогласии с баллами можно подать до %(day)s.") % {"day": day(until)}
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
                _("Повторное тестирование возможно не раньше %(day)s.") % {"day": day(earliest)}
            )
        lines.append(_("Школа предложит дополнительное обучение русскому языку."))
    return tuple(lines)


def extract(result: Any, *, issued_on: Any) -> documents.Extract:
    """«Выписка из протокола» for the school that sent the child."""
    spec, session = queries.spec_of(result), result.attempt.day.session
    org, person = session.testing_org, result.attempt.person
    referral = admissions.live_referral(result.application_id)
    return documents.Extract(
        number=result.commission_protocol,
        issued_on=day_of(result.released_at) or issued_on,
        protocol_number=result.commission_protocol,
        protocol_date=day_of(result.consolidated_at),
        testing_org=documents.Organisation(
            name=org.name, address=org.address, phone=org.phone, email=org.email
        ),
        school=result.application.school.name,
        place=session.place.name,
        test_date=result.held_on,
        full_name=person.full_name,
        birth_date=person.birth_date,
        grade=result.grade,
        unique_code=result.attempt.code,
        referral_number=referral.number if referral else "",
        referral_date=day_of(referral.issued_at) if referral else result.held_on,
        **parts(result, spec),
        total=result.total,
        total_max=spec.total_max,
        percent=exact_percent(result, spec),
        total_min=spec.total_min,
        oral_min=spec.oral_min,
        passed=result.passed,
        signatory=documents.Signatory(position="Руководитель", name=org.head),
        annulment=annulment(result),
        attempt_no=result.attempt.attempt_no,
    )


def protocol_paper(protocol: Any) -> documents.MarkProtocol:
    spec, attempt, part = grading.spec_of(protocol), protocol.attempt, Part(protocol.part)
    oral = part == Part.ORAL
    room = attempt.room_oral if oral else attempt.room_written
    variant = attempt.variant_oral if oral else attempt.variant_written
    session, expert = attempt.day.session, protocol.expert.account.person
    reason = VersionReason(protocol.version_reason)
    with override("ru"):
        why = in_words(VERSION_WORDS[reason]) if reason != VersionReason.INITIAL else ""
    return documents.MarkProtocol(
        part=part.value,
        testing_org=session.testing_org.name,
        place=session.place.name,
        test_date=attempt.held_on,
        full_name=attempt.person.full_name,
        grade=attempt.grade,
        room=room.number if room else "",
        variant=variant.number if variant else "",
        tasks=documents.tasks_from(
            (c.task, c.code, c.max, protocol.points.get(c.code)) for c in spec.part(part)
        ),
        total=protocol.typed_total,
        total_max=spec.oral_max if oral else spec.written_max,
        expert=expert.full_name if expert else protocol.expert.title,
        checked_on=day_of(protocol.signed_at),
        unique_code=attempt.code,
        scheme=SCHEMES[OralScheme(attempt.day.oral_scheme)] if oral else "",
        version=protocol.version,
        version_reason=why,
    )
