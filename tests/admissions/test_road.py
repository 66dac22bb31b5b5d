"""The school's part of the road, step by step, with what each step leaves behind."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings

from admissions.builders_admissions import (
    a_checked,
    a_child,
    a_delivered_referral,
    a_parent,
    a_referral,
    a_tested,
    an_application,
    fresh,
    mark_all,
)
from builders import NOW, TODAY
from merilo.admissions import actions, queries, rules
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState as S
from merilo.admissions.rules import (
    Category,
    DecisionKind,
    DocumentState,
    Evidence,
    ReferralState,
    RegisterCheck,
    Training,
    UnreliableReason,
)
from merilo.casework.models import Dispatch, Duty, Notice
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.registry.access import Forbidden, Viewer
from merilo.registry.models import Organisation

pytestmark = pytest.mark.django_db

AFTER_TERM = NOW + timedelta(days=10)  # 26 March: the term ended on the 25th


def codes(refused) -> set[str]:
    return {refusal.code for refusal in refused.value.refusals}


def duties(application: Application) -> dict[str, date | None]:
    return dict(
        Duty.objects.filter(subject=f"application:{application.pk}").values_list("kind", "due_on")
    )


def test_an_application_goes_from_registration_to_a_delivered_referral(region):
    referral = a_delivered_referral(region)
    assert referral.number == "Н-025-0001"
    assert referral.book_until == date(2026, 3, 25)
    assert referral.application.number == "025-0001"
    assert "booking.window_wd" in referral.decided_under


def test_each_step_leaves_the_duty_of_the_next_one(region):
    application = an_application(region)
    viewer, pk = region.viewer("school"), application.pk
    assert duties(application) == {"check-completeness": date(2026, 3, 23)}
    mark_all(region, application)
    actions.confirm_full_set(application_id=pk, actor=viewer, now=NOW)
    assert duties(application) == {"check-authenticity": date(2026, 4, 20)}
    actions.check_register(application_id=pk, outcome=RegisterCheck.CLEAR, actor=viewer, now=NOW)
    actions.issue_referral(application_id=pk, actor=viewer, now=NOW)
    assert duties(application) == {"send-copies": date(2026, 3, 17)}
    actions.send_copies(application_id=pk, actor=viewer, now=NOW)
    assert duties(application) == {"confirm-delivery": date(2026, 3, 19)}
    actions.record_delivery(
        application_id=pk, received_on=TODAY, evidence=Evidence.SIGNATURE, actor=viewer, now=NOW
    )
    assert duties(application) == {}


def test_numbers_of_a_school_go_on_without_gaps_after_a_refused_registration(region):
    an_application(region)
    with pytest.raises(Refused):
        an_application(region, consent_to_test=False, child={"id_doc_number": "x"})
    other = an_application(region, child={"id_doc_number": "y", "last_name": "Алиев"})
    assert other.number == "025-0002"


def test_t2_the_same_request_five_times_makes_one_application(region):
    made = {an_application(region, request_key="k-1").pk for _ in range(5)}
    assert len(made) == Application.objects.count() == 1
    assert JournalEntry.objects.filter(event="application.registered").count() == 1


def test_the_same_key_from_another_school_is_another_application(region):
    an_application(region, request_key="k-1")
    an_application(region, who="other_school", request_key="k-1")
    assert Application.objects.count() == 2


def test_a_school_without_a_code_cannot_number_its_applications(region):
    Organisation.objects.filter(pk=region.school.pk).update(exam_code="")
    with pytest.raises(Refused) as refused:
        an_application(region)
    assert codes(refused) == {"admissions.no-exam-code"}
    assert not Application.objects.exists()


def test_a_person_who_is_not_alike_cannot_be_taken_for_the_child(region):
    stranger = an_application(region, who="far_school").child
    with pytest.raises(Refused) as refused:
        an_application(
            region,
            child={"last_name": "Иной", "id_doc_number": "Z 9", "birth_date": date(2016, 1, 1)},
            same_child_as=stranger.pk,
        )
    assert "admissions.not-a-likeness" in codes(refused)


def test_a_child_whose_case_is_open_in_this_school_is_not_taken_in_twice(region):
    first = an_application(region)
    with pytest.raises(Refused) as refused:
        an_application(region, same_child_as=first.child_id)
    assert codes(refused) == {"admissions.previous-not-ended"}


def test_an_open_case_in_another_school_is_a_warning_kept_with_the_application(region):
    first = an_application(region, who="far_school")
    second = an_application(region, same_child_as=first.child_id)
    assert second.previous is None
    (warning,) = second.decided_under["warnings"]
    assert warning["code"] == "admissions.possible-duplicate"
    assert first.number in warning["sentence"]


def test_a15_after_a_failed_test_a_new_application_is_linked_and_waits_three_months(region):
    first = a_tested(region, passed=False)
    viewer = region.viewer("school")
    actions.refuse_test_failed(application_id=first.pk, actor=viewer, now=NOW)
    second = a_checked(region, same_child_as=first.child_id)
    assert (second.previous_id, fresh(first).state) == (first.pk, S.REAPPLIED)
    referral = actions.issue_referral(application_id=second.pk, actor=viewer, now=NOW)
    assert (referral.attempt_no, referral.earliest_test_on) == (2, date(2026, 6, 27))
    assert "retest.min_months" in referral.decided_under


def test_a_child_who_passed_before_is_a_warning(region):
    first = a_tested(region, passed=True)
    actions.enrol(application_id=first.pk, actor=region.viewer("school"), now=NOW)
    second = an_application(region, same_child_as=first.child_id, who="other_school")
    assert [w["code"] for w in second.decided_under["warnings"]] == ["admissions.passed-before"]


def test_tc_013_a_private_school_finds_the_mouo_of_its_territory(region):
    Organisation.objects.filter(pk=region.school.pk).update(
        path=f"{region.ministry.path}{region.school.pk}/", ownership="private"
    )
    referral = a_referral(region)
    assert queries.copies_sent_to(referral) == {"testing_org", "mouo"}


def test_without_a_mouo_in_the_registry_the_copies_cannot_go(region):
    from merilo.registry.models import OrganisationFunction

    OrganisationFunction.objects.filter(function="mouo").delete()
    referral = a_referral(region, with_copies=False)
    with pytest.raises(Refused) as refused:
        actions.send_copies(
            application_id=referral.application_id, actor=region.viewer("school"), now=NOW
        )
    assert codes(refused) == {"admissions.no-mouo"}
    assert not Dispatch.objects.exists()


def test_copies_sent_twice_are_handed_over_once(region):
    referral = a_referral(region)
    actions.send_copies(
        application_id=referral.application_id, actor=region.viewer("school"), now=NOW
    )
    assert Dispatch.objects.filter(about=f"referral:{referral.pk}").count() == 2


def test_copies_sent_after_their_day_are_marked_late(region):
    referral = a_referral(region, with_copies=False)
    actions.send_copies(
        application_id=referral.application_id,
        actor=region.viewer("school"),
        now=NOW + timedelta(days=3),
    )
    assert set(Dispatch.objects.values_list("sent_late", flat=True)) == {True}


def test_a_school_without_a_testing_organisation_is_told_whom_to_ask(region):
    application = a_checked(region)
    region.school.testing_areas.all().delete()
    with pytest.raises(Refused) as refused:
        actions.issue_referral(
            application_id=application.pk, actor=region.viewer("school"), now=NOW
        )
    assert codes(refused) == {"admissions.no-testing-org"}


def test_a_second_referral_is_refused_while_the_first_lives(region):
    referral = a_referral(region)
    with pytest.raises(Refused) as refused:
        actions.issue_referral(
            application_id=referral.application_id, actor=region.viewer("school"), now=NOW
        )
    assert "admissions.referral-exists" in codes(refused)
    assert Referral.objects.count() == 1


def test_a9_the_clock_annuls_an_unbooked_application_and_tells_parent_and_mouo(region):
    referral = a_delivered_referral(region)
    (due,) = queries.unbooked_after_term(today=date(2026, 3, 26))
    assert due.pk == referral.pk
    clock = Viewer.system()
    actions.annul_not_booked(referral_id=due.pk, actor=clock, now=AFTER_TERM)
    application = fresh(referral.application)
    assert application.state == S.CANCELLED_NOT_BOOKED
    decision = application.decisions.get(kind=DecisionKind.ANNULLED_NOT_BOOKED)
    assert "25 марта 2026" in decision.reasons[0]["sentence"]
    assert {"booking.window_wd", "booking.miss"} <= set(decision.decided_under)
    told = Dispatch.objects.filter(kind="annulled_not_booked")
    assert {d.recipient for d in told} == {region.mouo, region.testing_org}
    assert Notice.objects.filter(template="application-annulled").count() == 1


def test_the_clock_annuls_once_and_never_on_the_last_day(region):
    referral = a_delivered_referral(region)
    clock = Viewer.system()
    assert not queries.unbooked_after_term(today=date(2026, 3, 25)).exists()
    with pytest.raises(Refused):
        actions.annul_not_booked(referral_id=referral.pk, actor=clock, now=NOW + timedelta(days=9))
    actions.annul_not_booked(referral_id=referral.pk, actor=clock, now=AFTER_TERM)
    assert actions.annul_not_booked(referral_id=referral.pk, actor=clock, now=AFTER_TERM) is None
    assert Notice.objects.filter(template="application-annulled").count() == 1


def test_where_the_profile_does_not_annul_the_case_stays_open(region):
    referral = a_delivered_referral(region)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "PROFILE", "federal")
        with pytest.raises(Refused) as refused:
            actions.annul_not_booked(
                referral_id=referral.pk, actor=Viewer.system(), now=AFTER_TERM
            )
    assert codes(refused) == {"admissions.miss-has-no-consequence"}
    assert fresh(referral.application).state == S.REFERRED


def test_tc_005_false_documents_are_refused_even_after_the_referral(region):
    referral = a_delivered_referral(region)
    actions.refuse_unreliable(
        application_id=referral.application_id,
        reasons=[UnreliableReason.FALSE_DOCUMENT, UnreliableReason.STAY_UNLAWFUL],
        actor=region.viewer("school"),
        now=NOW,
    )
    application = fresh(referral.application)
    referral.refresh_from_db()
    assert application.state == S.REFUSED_UNRELIABLE
    assert referral.state == ReferralState.REVOKED
    decision = application.decisions.get(kind=DecisionKind.REFUSED_UNRELIABLE)
    assert len(decision.reasons) == 2
    assert Dispatch.objects.filter(kind="referral_revoked").count() == 2
    body = Notice.objects.get(template="refused-unreliable").body
    assert "1. документ недостоверен" in body


def test_tc_006_no_places_is_a_reason_of_its_own(region):
    application = an_application(region)
    actions.refuse_no_places(application_id=application.pk, actor=region.viewer("school"), now=NOW)
    decision = fresh(application).decisions.get()
    assert decision.kind == DecisionKind.REFUSED_NO_PLACES
    assert decision.reasons[0]["code"] == "admissions.no-places"
    assert not Referral.objects.exists()


def test_tc_008_a_transfer_without_its_proof_gets_neither_exemption_nor_referral(region):
    application = a_checked(region, category=Category.EXEMPT_TRANSFER, grade=5)
    viewer = region.viewer("school")
    for kind in ("transfer_file", "study_period"):
        mark = actions.DocumentMark(kind, DocumentState.MISSING)
        actions.mark_document(application_id=application.pk, mark=mark, actor=viewer, now=NOW)
    with pytest.raises(Refused) as refused:
        actions.exempt(application_id=application.pk, actor=viewer, now=NOW)
    assert codes(refused) == {"admissions.exemption-not-proved"}
    with pytest.raises(Refused) as refused:
        actions.issue_referral(application_id=application.pk, actor=viewer, now=NOW)
    assert codes(refused) == {"admissions.exempt"}


def test_tc_002_returned_five_times_and_still_welcome(region):
    application = an_application(region)
    viewer, pk = region.viewer("school"), application.pk
    for _ in range(5):
        mark_all(region, application, medical=DocumentState.MISSING)
        actions.return_incomplete(application_id=pk, actor=viewer, now=NOW)
        actions.resubmit(
            application_id=pk, submitted_on=TODAY, provided=["medical"], actor=viewer, now=NOW
        )
    assert fresh(application).returns == 5
    assert Notice.objects.filter(template="application-returned").count() == 5


def test_a_training_offer_is_written_to_the_parent_and_his_choice_kept(region):
    application = a_tested(region, passed=False)
    viewer, pk = region.viewer("school"), application.pk
    assert set(duties(application)) == {"decide-admission", "offer-training"}
    actions.offer_training(
        application_id=pk, choice=Training.OFFERED, note="Центр «Речь»", actor=viewer, now=NOW
    )
    assert "Центр «Речь»" in Notice.objects.get(template="training-offered").body
    actions.refuse_test_failed(application_id=pk, actor=viewer, now=NOW)
    assert set(duties(application)) == {"note-training"}
    actions.offer_training(application_id=pk, choice=Training.DECLINED, actor=viewer, now=NOW)
    assert duties(application) == {}


def test_a_withdrawn_case_takes_its_referral_back(region):
    referral = a_referral(region)
    actions.withdraw(
        application_id=referral.application_id, actor=region.viewer("school"), now=NOW, note="да"
    )
    referral.refresh_from_db()
    assert referral.state == ReferralState.REVOKED
    assert Dispatch.objects.filter(kind="referral_revoked").count() == 2


@pytest.mark.parametrize(
    ("contacts", "channel"),
    [
        ({"notify_email": "a@example.org"}, "email"),
        ({"notify_email": "", "notify_address": "ул. Русская, 5"}, "post"),
        ({"notify_email": "", "has_portal_account": True}, "portal"),
        ({"notify_email": ""}, "hand"),
    ],
)
def test_letters_go_where_the_parent_can_be_reached(region, contacts, channel):
    application = an_application(region, **contacts)
    assert Notice.objects.get(case_id=application.pk).channel == channel


def test_contacts_are_corrected_with_a_trace_of_which_not_of_what(region):
    application = an_application(region)
    change = {
        "application_id": application.pk,
        "actor": region.viewer("school"),
        "now": NOW,
        "notify_email": "new@example.org",
        "notify_address": "",
        "notify_phone": "",
        "language": "ru",
    }
    actions.change_contacts(**change)
    actions.change_contacts(**change)
    (entry,) = JournalEntry.objects.filter(event="application.changed")
    assert entry.facts == {"fields": ["notify_email"]}


def test_no_letter_and_no_queue_names_the_child(region):
    a_tested(region, passed=False)
    for notice in Notice.objects.all():
        assert "Каримов" not in notice.subject + notice.body
    for duty in Duty.objects.all():
        assert "Каримов" not in duty.label + duty.detail
    for entry in JournalEntry.objects.all():
        assert "Каримов" not in str(entry.facts)


WHO_ELSE = ("testing_org", "chair", "mouo", "ministry", "rcoi", "auditor", "admin")


@pytest.mark.parametrize("who", WHO_ELSE)
def test_only_the_school_acts_on_its_applications(region, who):
    referral = a_delivered_referral(region)
    pk, viewer = referral.application_id, region.viewer(who)
    for act, more in [
        (actions.confirm_full_set, {}),
        (actions.return_incomplete, {}),
        (actions.issue_referral, {}),
        (actions.refuse_no_places, {}),
        (actions.withdraw, {}),
        (actions.enrol, {}),
        (actions.refuse_unreliable, {"reasons": []}),
        (actions.offer_training, {"choice": Training.OFFERED}),
    ]:
        with pytest.raises(Forbidden):
            act(application_id=pk, actor=viewer, now=NOW, **more)
    with pytest.raises(Forbidden):
        actions.annul_not_booked(referral_id=referral.pk, actor=viewer, now=NOW)


def test_another_school_finds_no_such_application(region):
    application = an_application(region)
    with pytest.raises(Application.DoesNotExist):
        actions.refuse_no_places(
            application_id=application.pk, actor=region.viewer("other_school"), now=NOW
        )


def test_an_adult_applies_and_is_written_to_himself(region):
    application = an_application(
        region,
        child={"birth_date": date(2008, 3, 1), "id_doc_number": "C 5"},
        representative=None,
        grade=11,
    )
    kinds = set(application.documents.values_list("kind", flat=True))
    assert not kinds & {"kinship", "stay_representative", "employment", "inn"}


@pytest.mark.django_db(transaction=True)
def test_t2_the_same_click_in_parallel_makes_one_application(region):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    viewer = region.viewer("school")

    def click(_n: int) -> int:
        try:
            return actions.register_application(
                actor=viewer,
                now=NOW,
                child=a_child(),
                representative=a_parent(),
                grade=2,
                channel=rules.Channel.EPGU,
                submitted_on=TODAY,
                consent_to_test=True,
                request_key="one",
            ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(click, range(6)))
    assert len(made) == Application.objects.count() == 1
    assert Application.objects.get().number == "025-0001"
