"""Papers of a result as PDF and DOCX. Each names the child, so each opening is noted."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.http import require_GET

from merilo.admissions import queries as admissions
from merilo.foundation import clock, documents
from merilo.foundation.documents.agreement import ORDER_FORM_ORAL_MIN, ORDER_FORM_TOTAL_MIN
from merilo.foundation.journal.recording import record_view
from merilo.grading import queries as grading
from merilo.grading.rules import VERSION_WORDS, ProtocolState, VersionReason
from merilo.law import Part, in_words
from merilo.registry.access import Role
from merilo.results import queries
from merilo.testday.rules import OralScheme
from merilo.web.papers import as_paper
from merilo.web.routes import page

from .scope import day_of, result_or_404, today_of

SCHEMES = {
    OralScheme.LIVE: "во время устного ответа",
    OralScheme.AUDIO: "по аудиозаписи",
    OralScheme.BOTH: "во время устного ответа и по аудиозаписи",
}
WITH_NAMES = frozenset({Role.SCHOOL, Role.TESTING_ORG})


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
    return as_paper(content, documents.PDF, f"uvedomlenie-{result.application.number}.pdf")


@page(roles=WITH_NAMES)
@require_GET
def notice_docx(request: HttpRequest, result_id: int) -> HttpResponse:
    result = sent_or_404(request, result_id)
    viewed(request, result, "notice")
    content = documents.result_notice_docx(notice(request, result))
    return as_paper(content, documents.DOCX, f"uvedomlenie-{result.application.number}.docx")


@page(roles=WITH_NAMES)
@require_GET
def extract_pdf(request: HttpRequest, result_id: int) -> HttpResponse:
    result = sent_or_404(request, result_id)
    viewed(request, result, "extract")
    content = documents.extract_pdf(extract(result, issued_on=today_of(request)))
    return as_paper(content, documents.PDF, f"vypiska-{result.application.number}.pdf")


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
    return as_paper(content, documents.PDF, f"protokol-{protocol.attempt.code}.pdf")


def notice(request: HttpRequest, result: Any) -> documents.ResultNotice:
    """The notice in the layout of its grade; `?form=order` asks for the bare form of the order."""
    as_order = request.GET.get("form") == "order" and fits_order_form(result)
    return queries.notice_of(
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
        **queries.parts_of(result, spec),
        total=result.total,
        total_max=spec.total_max,
        percent=queries.exact_percent(result, spec),
        total_min=spec.total_min,
        oral_min=spec.oral_min,
        passed=result.passed,
        signatory=documents.Signatory(position="Руководитель", name=org.head),
        annulment=queries.annulment_of(result),
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
