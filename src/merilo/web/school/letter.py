"""Page: the printed letter of a return or refusal, for a registered letter.

/applications/12/letters/34/
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import override
from django.views.decorators.http import require_GET

from merilo import law
from merilo.admissions import access, actions, queries, rules
from merilo.foundation import clock
from merilo.foundation import documents as papers
from merilo.web.case.case import found
from merilo.web.papers import as_paper
from merilo.web.routes import page
from merilo.web.school.referral import letterhead


@page(roles=access.ROLES["admissions.return"])
@require_GET
def letter(request: HttpRequest, application_id: int, decision_id: int) -> HttpResponse:
    decision = queries.decisions_of(found(request, application_id)).filter(pk=decision_id).first()
    if decision is None or decision.kind not in rules.LETTER_DECISIONS:
        raise Http404
    application = actions.show_person(
        application_id=application_id, actor=request.viewer, now=clock.now(), where="letter"
    )
    with override("ru"):
        if decision.kind == rules.DecisionKind.RETURNED_INCOMPLETE:
            content = papers.return_letter_pdf(return_letter(application, decision))
        else:
            content = papers.refusal_letter_pdf(refusal_letter(application, decision))
    return as_paper(content, papers.PDF, f"Письмо по заявлению {application.number}.pdf")


def heading(application: Any, decision: Any) -> dict[str, Any]:
    """What every letter of the school bears."""
    addressee = application.representative or application.child
    return {
        "school": letterhead(application.school),
        "number": f"{application.number}/{decision.pk}",
        "issued_on": localdate(decision.made_at),
        "addressee": tuple(filter(None, (addressee.full_name, application.notify_address))),
        "application_number": application.number,
        "application_date": application.submitted_on,
        "full_name": application.child.full_name,
        "grade": application.grade,
        "signatory": papers.Signatory(position="Директор", name=application.school.head),
        "contact": application.school.phone,
    }


def return_letter(application: Any, decision: Any) -> papers.ReturnLetter:
    """All the defects the decision named, as they were that day."""
    defects = []
    for reason in decision.reasons:
        problem, _stop, remedy = reason["sentence"].rstrip(".").rpartition(". ")
        kind, _colon, document = (problem or remedy).partition(": ")
        defects.append(
            papers.Defect(
                document=document or kind, problem=kind, remedy=remedy if problem else ""
            )
        )
    return papers.ReturnLetter(
        **heading(application, decision),
        defects=tuple(defects),
        law=cited(decision.reasons[0]) if decision.reasons else "",
    )


def refusal_letter(application: Any, decision: Any) -> papers.RefusalLetter:
    what_next = ["Вы можете подать новое заявление."]
    if decision.kind == rules.DecisionKind.REFUSED_TEST_FAILED:
        what_next.append("Школа предлагает дополнительное обучение русскому языку.")
    return papers.RefusalLetter(
        **heading(application, decision),
        reasons=tuple(
            papers.RefusalReason(words=reason["sentence"], law=cited(reason))
            for reason in decision.reasons
        ),
        what_next=tuple(what_next),
    )


def cited(reason: dict[str, Any]) -> str:
    """The act and paragraph kept with a reason, in words."""
    act = law.acts().get(reason.get("act", ""))
    return f"{act.short}, {reason['paragraph']}" if act else ""
