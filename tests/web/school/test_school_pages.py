"""The school's pages: from a new application to the decision, as the clerk does it."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from admissions.builders_admissions import (
    a_checked,
    a_delivered_referral,
    a_referral,
    a_tested,
    an_application,
    fresh,
    mark_all,
)
from builders import NOW
from merilo.admissions import actions, queries, rules
from merilo.admissions.models import Application
from merilo.admissions.rules import ApplicationState as S
from merilo.admissions.rules import DocumentKind, DocumentState
from merilo.casework.models import Notice
from merilo.foundation.journal.models import JournalEntry
from merilo.web.school.letter import refusal_letter, return_letter

pytestmark = pytest.mark.django_db

NEW = {
    "request_key": "one-click",
    "channel": "EPGU",
    "submitted_on": "16.03.2026",
    "grade": "2",
    "category": "GENERAL",
    "last_name": "Юсупова",
    "first_name": "Малика",
    "birth_date": "20.05.2017",
    "citizenship": "Таджикистан",
    "id_doc_type": "паспорт",
    "id_doc_number": "A 7654321",
    "parent_last_name": "Юсупов",
    "parent_first_name": "Рустам",
    "notify_email": "parent@example.org",
    "language": "ru",
    "provided": ["kinship", "identity_child"],
    "consent_to_test": "on",
}


@pytest.fixture
def at(client, region, hold_clock):
    """Sign in as somebody, with the clock held; gives the client."""
    hold_clock(NOW)

    def sign_in(who: str):
        client.force_login(region.accounts[who])
        return client

    return sign_in


def url(name: str, application: Application) -> str:
    return reverse(name, args=[application.pk])


def test_a_new_application_is_registered_and_its_documents_are_next(at, region):
    answer = at("school").post(reverse("application-new"), NEW)
    application = Application.objects.get()
    assert answer.headers["Location"] == url("application-documents", application)
    assert application.number == "025-0001"
    assert application.entered_by == region.accounts["school"]
    assert {d.kind for d in application.documents.filter(state="provided")} == {
        "kinship",
        "identity_child",
    }


def test_the_same_click_sent_five_times_makes_one_application(at):
    school = at("school")
    for _ in range(5):
        assert school.post(reverse("application-new"), NEW).status_code == 302
    assert Application.objects.count() == 1
    assert Notice.objects.filter(template="application-registered").count() == 1


def test_a_wrong_form_keeps_what_was_typed_and_names_each_field(at):
    answer = at("school").post(
        reverse("application-new"), NEW | {"birth_date": "31.02.2017", "parent_last_name": ""}
    )
    page = answer.content.decode()
    assert Application.objects.count() == 0
    assert "Юсупова" in page
    assert "govuk-error-summary" in page
    assert "#id_birth_date" in page and "#id_parent_last_name" in page


def test_without_consent_the_refusal_is_a_sentence(at):
    answer = at("school").post(reverse("application-new"), NEW | {"consent_to_test": ""})
    assert "нет согласия на тестирование" in answer.content.decode()


def test_a_like_child_is_asked_about_before_anything_is_saved(at, region):
    first = an_application(region, who="far_school")
    child = {"last_name": "Каримов", "first_name": "Тимур", "id_doc_number": "AA 1234567"}
    school = at("school")
    answer = school.post(reverse("application-new"), NEW | child)
    page = answer.content.decode()
    assert Application.objects.count() == 1
    assert "Похожий ребёнок уже есть" in page and first.number in page
    school.post(reverse("application-new"), NEW | child | {"same_child": "none"})
    other = Application.objects.exclude(pk=first.pk).get()
    assert other.child_id != first.child_id
    assert other.decided_under["warnings"][0]["code"] == "admissions.possible-duplicate"


def test_the_same_child_chosen_links_the_earlier_application(at, region):
    first = an_application(region)
    actions.withdraw(
        application_id=first.pk, actor=region.viewer("school"), now=NOW, note="просьба"
    )
    child = {"last_name": "Каримов", "first_name": "Тимур", "id_doc_number": "AA 1234567"}
    at("school").post(
        reverse("application-new"), NEW | child | {"same_child": str(first.child_id)}
    )
    other = Application.objects.exclude(pk=first.pk).get()
    assert (other.child_id, other.previous_id) == (first.child_id, first.pk)


def test_documents_are_marked_and_the_full_set_confirmed_in_one_click(at, region):
    application = an_application(region)
    data = {f"state_{d.kind}": "accepted" for d in application.documents.all()} | {"then": "full"}
    answer = at("school").post(url("application-documents", application), data)
    assert answer.headers["Location"] == url("application-authenticity", application)
    assert fresh(application).state == S.AUTHENTICITY_CHECK


def test_a_return_writes_all_defects_in_one_letter(at, region):
    application = an_application(region)
    data = {f"state_{d.kind}": "accepted" for d in application.documents.all()}
    data |= {"state_medical": "missing", "state_employment": "untranslated", "then": "return"}
    at("school").post(url("application-documents", application), data)
    application = fresh(application)
    assert application.state == S.RETURNED_INCOMPLETE
    letter = Notice.objects.get(template="application-returned")
    assert "Медицинское заключение" in letter.body
    assert "Трудовая деятельность" in letter.body
    reasons = application.decisions.get().reasons
    assert [reason["code"] for reason in reasons] == [
        "admissions.document-untranslated",
        "admissions.document-missing",
    ]
    assert all(reason["act"] for reason in reasons)


def test_a_refused_full_set_keeps_the_marks_and_says_what_is_missing(at, region):
    application = an_application(region)
    data = {f"state_{d.kind}": "accepted" for d in application.documents.all()}
    data |= {"state_medical": "missing", "then": "full"}
    answer = (
        at("school")
        .post(url("application-documents", application), data, follow=True)
        .content.decode()
    )
    assert "Нет документа: Медицинское заключение" in answer
    assert fresh(application).documents.get(kind="kinship").state == DocumentState.ACCEPTED


def test_a_document_file_is_kept_and_its_opening_is_noted(at, region):
    from django.core.files.uploadedfile import SimpleUploadedFile

    application = an_application(region)
    school = at("school")
    data = {f"state_{d.kind}": "missing" for d in application.documents.all()}
    pdf = SimpleUploadedFile("мед.pdf", b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n")
    school.post(url("application-documents", application), data | {"file_medical": pdf})
    document = fresh(application).documents.get(kind="medical")
    assert document.state == DocumentState.PROVIDED and document.file.name == "мед.pdf"
    answer = school.get(reverse("application-document-file", args=[application.pk, "medical"]))
    assert answer.content.startswith(b"%PDF")
    assert JournalEntry.objects.filter(event="file.read", case_id=application.pk).count() == 1


def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_is_written(at, region):
    from django.core.files.uploadedfile import SimpleUploadedFile

    application = an_application(region)
    data = {f"state_{d.kind}": "accepted" for d in application.documents.all()}
    fake = SimpleUploadedFile("мед.pdf", b"MZ\x90\x00 this is no document")
    answer = at("school").post(
        url("application-documents", application), data | {"file_medical": fake}
    )
    assert answer.status_code == 422
    assert "не соответствует расширению" in answer.content.decode()
    assert not fresh(application).documents.filter(state="accepted").exists()


def test_register_then_referral_with_copies_then_delivery(at, region):
    application = an_application(region)
    mark_all(region, application)
    viewer = region.viewer("school")
    actions.confirm_full_set(application_id=application.pk, actor=viewer, now=NOW)
    school, page = at("school"), url("application-authenticity", application)
    before = school.get(page).content.decode()
    assert "Не отмечена проверка по реестру" in before and "Выдать направление" not in before
    school.post(page, {"do": "register", "outcome": "clear"})
    assert "Выдать направление" in school.get(page).content.decode()
    answer = school.post(page, {"do": "refer", "with_copies": "on"})
    assert answer.headers["Location"] == url("application-referral", application)
    school.post(
        url("application-referral", application),
        {"do": "deliver", "received_on": "16.03.2026", "evidence": "signature"},
    )
    referral = queries.live_referral(application.pk)
    assert (referral.received_on, referral.book_until) == (date(2026, 3, 16), date(2026, 3, 25))


def test_without_copies_the_delivery_cannot_be_marked(at, region):
    application = a_referral(region, with_copies=False).application
    school, page = at("school"), url("application-referral", application)
    assert "Сначала передайте копии" in school.get(page).content.decode()
    answer = school.post(
        page, {"do": "deliver", "received_on": "16.03.2026", "evidence": "signature"}
    )
    assert answer.status_code == 422 and "передана не всем" in answer.content.decode()
    school.post(page, {"do": "copies"})
    assert queries.copies_sent_to(queries.live_referral(application.pk)) == {"testing_org", "mouo"}


def test_a_wrong_referral_is_taken_back_and_a_new_one_issued(at, region):
    application = a_delivered_referral(region).application
    school = at("school")
    school.post(url("application-referral", application), {"do": "revoke", "note": "ошибка"})
    assert fresh(application).state == S.AUTHENTICITY_CHECK
    school.post(url("application-authenticity", application), {"do": "refer"})
    assert queries.live_referral(application.pk).number == "Н-025-0002"


def test_the_printed_referral_is_a_pdf_and_the_view_is_noted(at, region):
    application = a_delivered_referral(region).application
    answer = at("school").get(url("application-referral-paper", application))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert JournalEntry.objects.filter(event="person.viewed", case_id=application.pk).exists()


def test_refusal_for_unreliable_data_needs_a_reason_and_keeps_it(at, region):
    application = a_checked(region)
    school, page = at("school"), url("application-authenticity", application)
    answer = school.post(page, {"do": "refuse", "note": ""}, follow=True)
    assert "Отметьте хотя бы одну причину" in answer.content.decode()
    school.post(page, {"do": "refuse", "reasons": ["false_document"], "note": "печать"})
    application = fresh(application)
    assert application.state == S.REFUSED_UNRELIABLE
    assert "документ недостоверен" in application.decisions.last().reasons[0]["sentence"]


@pytest.mark.parametrize(
    ("category", "documents"),
    [
        (rules.Category.EXEMPT_BELARUS, ()),
        (rules.Category.EXEMPT_GIA9, (DocumentKind.GIA_CERTIFICATE,)),
    ],
)
def test_an_exempt_child_goes_straight_to_the_decision(at, region, category, documents):
    application = a_checked(region, category=category, grade=10)
    school, page = at("school"), url("application-authenticity", application)
    assert "Оформить без тестирования" in school.get(page).content.decode()
    answer = school.post(page, {"do": "exempt"})
    assert answer.headers["Location"] == url("application-decision", application)
    school.post(url("application-decision", application), {"do": "enrol"})
    assert fresh(application).state == S.ENROLLED


def test_after_a_passed_test_the_child_is_enrolled(at, region):
    application = a_tested(region, passed=True)
    page = url("application-decision", application)
    school = at("school")
    assert "Принять в школу" in school.get(page).content.decode()
    school.post(page, {"do": "enrol"})
    assert fresh(application).state == S.ENROLLED
    assert Notice.objects.filter(template="application-enrolled").count() == 1


def test_after_a_failed_test_the_letter_names_training_and_the_retest(at, region):
    application = a_tested(region, passed=False)
    page = url("application-decision", application)
    school = at("school")
    assert "27\xa0июня 2026" in school.get(page).content.decode()
    school.post(page, {"do": "refuse"})
    assert fresh(application).state == S.REFUSED_TEST_FAILED
    letter = Notice.objects.get(template="refused-test-failed")
    assert "дополнительное обучение" in letter.body and "27 июня 2026" in letter.body
    school.post(page, {"do": "training", "choice": "self_organised", "note": ""})
    assert fresh(application).training == "self_organised"


def test_documents_sent_again_start_the_check_anew(at, region):
    application = an_application(region)
    mark_all(region, application, medical=DocumentState.MISSING)
    viewer = region.viewer("school")
    actions.return_incomplete(application_id=application.pk, actor=viewer, now=NOW)
    at("school").post(
        url("application-resubmit", application),
        {"submitted_on": "16.03.2026", "provided": ["medical"]},
    )
    application = fresh(application)
    assert application.state == S.COMPLETENESS_CHECK
    assert application.completeness_due == date(2026, 3, 23)
    assert application.documents.get(kind="medical").state == DocumentState.PROVIDED


def test_a_withdrawal_needs_its_proof(at, region):
    application = an_application(region)
    school, page = at("school"), url("application-withdraw", application)
    assert school.post(page, {"note": ""}).status_code == 422
    school.post(page, {"note": "заявление об отзыве от 16.03.2026"})
    assert fresh(application).state == S.WITHDRAWN


def test_the_child_of_a_new_application_is_named_nowhere_but_on_request(at, region):
    application = an_application(region, child={"last_name": "Рахимов"})
    school = at("school")
    for name in ("application", "application-documents"):
        assert "Рахимов" not in school.get(url(name, application)).content.decode()
    shown = school.post(url("application-person", application), headers={"HX-Request": "true"})
    assert "Рахимов" in shown.content.decode()
    assert JournalEntry.objects.filter(event="person.viewed", case_id=application.pk).count() == 1


def test_what_a_parent_typed_is_shown_as_text(at, region):
    application = an_application(region, special_needs="<script>alert(1)</script>")
    page = at("school").get(url("application", application)).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_the_letter_of_a_return_is_printed_with_all_defects(at, region):
    application = an_application(region, notify_email="", notify_address="ул. Русская, 5")
    mark_all(region, application, medical=DocumentState.MISSING, kinship=DocumentState.INVALID)
    viewer = region.viewer("school")
    actions.return_incomplete(application_id=application.pk, actor=viewer, now=NOW)
    decision = application.decisions.get()
    address = reverse("application-letter", args=[application.pk, decision.pk])
    school = at("school")
    assert address in school.get(url("application", application)).content.decode()
    answer = school.get(address)
    assert answer.headers["Content-Type"] == "application/pdf"
    letter = return_letter(application, decision)
    assert [(one.problem, one.document[:12]) for one in letter.defects] == [
        ("Документ не принят", "Родство или "),
        ("Нет документа", "Медицинское "),
    ]


def test_the_letter_of_a_refusal_cites_the_act(at, region):
    application = a_checked(region)
    school = at("school")
    school.post(
        url("application-authenticity", application),
        {"do": "refuse", "reasons": ["false_document"], "note": ""},
    )
    decision = application.decisions.get(kind="refused_unreliable")
    address = reverse("application-letter", args=[application.pk, decision.pk])
    assert school.get(address).content.startswith(b"%PDF")
    assert "458" in refusal_letter(application, decision).reasons[0].law
    assert school.get(reverse("application-letter", args=[application.pk, 0])).status_code == 404


def test_new_contacts_are_kept(at, region):
    application = an_application(region)
    page = url("application-contacts", application)
    school = at("school")
    assert school.post(page, {"notify_email": "wrong", "language": "ru"}).status_code == 422
    school.post(page, {"notify_email": "", "notify_address": "ул. Русская, 5", "language": "en"})
    application = fresh(application)
    assert (application.notify_email, application.notify_address) == ("", "ул. Русская, 5")
