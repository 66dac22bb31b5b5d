"""Results on PostgreSQL: drawn by the law of the day, checked by a second pair of eyes, told in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from builders import NOW
from grading.builders_grading import LATER, a_day, an_attempt, marked, marks, owe
from merilo.admissions.rules import ApplicationState
from merilo.casework.models import Dispatch, Duty, Notice
from merilo.foundation.files import store
from merilo.foundation.journal.models import JournalEntry
from merilo.grading import actions as grading
from merilo.grading.models import MarkProtocol
from merilo.grading.queries import works_of
from merilo.grading.rules import ProtocolState
from merilo.law import Form, Part, Refused
from merilo.results import actions
from merilo.results.models import Result
from merilo.results.queries import is_whole
from merilo.results.rules import ResultState
from merilo.testday.models import Attempt
from merilo.testday.rules import AttemptState, SessionDayState

pytestmark = pytest.mark.django_db


def codes(refused) -> list[str]:
    return [one.code for one in refused.value.refusals]


@pytest.fixture
def org(region):
    return region.viewer("testing_org")


@pytest.fixture
def second(region):
    """Another clerk of the testing organisation: the second pair of eyes."""
    from builders import an_account, viewer_of
    from merilo.registry.access import Role

    account = an_account("testing_org_2", region.testing_org, Role.TESTING_ORG)
    region.accounts["testing_org_2"] = account
    return viewer_of(account)


def drawn(made, grade=1, *, oral, written=None, **more) -> Result:
    attempt = marked(an_attempt(made, grade, **more), made, oral=oral, written=written)
    return actions.consolidate(
        attempt_id=attempt.pk, actor=made.region.viewer("testing_org"), now=LATER
    )


def sent(result, second, now=LATER) -> Result:
    result, _ = actions.release(
        result_id=result.pk, identity_confirmed=True, actor=second, now=now
    )
    return result


@pytest.mark.parametrize(
    ("grade", "oral", "written", "passed"),
    [
        (1, 9, None, True),  # TC-072
        (1, 8, None, False),
        (2, 9, 9, True),  # TC-073
        (2, 9, 8, False),
        (5, 8, 10, False),  # TC-074: total reached, oral not
        (7, 9, 11, True),  # TC-076: 20 of 22
        (7, 9, 10, False),
        (10, 10, 12, True),
        (10, 10, 11, False),  # TC-078
    ],
)
def test_the_commission_draws_what_the_points_and_both_thresholds_say(
    region, grade, oral, written, passed
):
    result = drawn(a_day(region), grade, oral=oral, written=written)
    assert (result.passed, result.total) == (passed, oral + (written or 0))
    assert result.state == ResultState.CONSOLIDATED
    assert set(MarkProtocol.objects.values_list("state", flat=True)) == {ProtocolState.LOCKED}
    assert "scoring.mode" in result.decided_under or result.decided_under


def test_tc085_twenty_of_twenty_two_is_printed_as_90_9_and_passes_by_points(region):
    result = drawn(a_day(region), 7, oral=10, written=10)
    assert str(result.percent) == "90.9"
    assert result.passed


def test_tc080_without_all_signed_protocols_there_is_no_result(region, org):
    made = a_day(region)
    attempt = an_attempt(made, 10)
    grading.open_protocol(
        attempt_id=attempt.pk, part=Part.ORAL, actor=region.viewer("expert"), now=LATER
    )
    with pytest.raises(Refused) as refused:
        actions.consolidate(attempt_id=attempt.pk, actor=org, now=LATER)
    assert {"results.not-scored", "results.part-not-signed", "results.attempt-not-marked"} <= set(
        codes(refused)
    )
    assert not Result.objects.exists()


def test_a_day_is_drawn_at_once_and_what_is_not_ready_says_why(region, org):
    made = a_day(region)
    ready = marked(an_attempt(made), made, oral=9)
    open_one = an_attempt(made)
    done, waiting = actions.consolidate_day(day_id=made.day.pk, actor=org, now=LATER)
    assert [one.attempt_id for one in done] == [ready.pk]
    assert list(waiting) == [open_one.code]
    made.day.refresh_from_db()
    assert made.day.state == SessionDayState.MARKING
    marked(open_one, made, oral=5)
    done, waiting = actions.consolidate_day(day_id=made.day.pk, actor=org, now=LATER)
    assert (len(done), waiting) == (1, {})
    made.day.refresh_from_db()
    assert made.day.state == SessionDayState.CONSOLIDATED


def test_only_the_chair_or_the_organisation_draws_results(region, org):
    made = a_day(region)
    attempt = marked(an_attempt(made), made, oral=9)
    with pytest.raises(Refused) as refused:
        actions.consolidate(attempt_id=attempt.pk, actor=region.viewer("expert"), now=LATER)
    assert codes(refused) == ["results.not-commission"]
    result = actions.consolidate(attempt_id=attempt.pk, actor=region.viewer("chair"), now=LATER)
    assert result.state == ResultState.CONSOLIDATED


def test_an_annulled_attempt_is_not_passed_and_has_no_points(region, org, second):
    made = a_day(region)
    attempt = marked(an_attempt(made), made, oral=10)
    Attempt.objects.filter(pk=attempt.pk).update(
        state=AttemptState.ANNULLED, annulled_at=NOW, annulled_reason="phone"
    )
    result = actions.consolidate(attempt_id=attempt.pk, actor=org, now=LATER)
    assert (result.annulled, result.passed, result.total) == (True, False, None)
    assert not Duty.objects.filter(kind="consolidate-result").exists()
    sent(result, second)
    result.application.refresh_from_db()
    assert result.application.state == ApplicationState.FAILED


def test_a_specification_loaded_after_signing_does_not_touch_the_result(region, org):
    from merilo.grading import queries
    from merilo.law import specification_as_data

    made = a_day(region)
    attempt = marked(an_attempt(made, 2), made, oral=9, written=9)
    spec = queries.specification_of(2, Form.ORAL_WRITTEN, made.day.session.held_on)
    data = specification_as_data(spec) | {
        "id": "grade-2-region",
        "grades": [2],
        "status": "confirmed",
        "valid_from": "2026-03-01",
        "written": {"5": {f"З{n}": 1 for n in range(5, 15)}},
    }
    grading.load_specification(data=data, source="письмо", actor=region.viewer("rcoi"), now=LATER)
    result = actions.consolidate(attempt_id=attempt.pk, actor=org, now=LATER)
    assert (result.spec_id, result.total, result.passed) == (spec.id, 18, True)


# --- four eyes -------------------------------------------------------------------------------


def test_tc089_who_drew_the_result_may_not_send_it_and_identity_must_be_ticked(
    region, org, second
):
    made = a_day(region)
    result = drawn(made, oral=9, last_name="Каримов")
    an_attempt(made, last_name="Каримов", first_name="Рустам")
    with pytest.raises(Refused) as refused:
        actions.release(result_id=result.pk, identity_confirmed=False, actor=org, now=LATER)
    assert codes(refused) == [
        "results.same-person-checks",
        "results.identity-not-confirmed",
    ]
    result, warnings = actions.release(
        result_id=result.pk, identity_confirmed=True, actor=second, now=LATER
    )
    assert [one.code for one in warnings] == ["results.same-surname"]
    assert result.state == ResultState.RELEASED


def test_tc089_a_swap_found_before_release_is_corrected_by_a_new_version(region, org, second):
    made = a_day(region)
    result = drawn(made, oral=9)
    with pytest.raises(Refused) as refused:
        actions.correct(result_id=result.pk, part=Part.ORAL, explanation=" ", actor=org, now=LATER)
    assert codes(refused) == ["grading.no-explanation"]
    draft = actions.correct(
        result_id=result.pk, part=Part.ORAL, explanation="Перепутаны записи", actor=org, now=LATER
    )
    result.refresh_from_db()
    assert result.state == ResultState.CALCULATED
    assert set(
        Duty.objects.filter(case_id=result.application_id).values_list("kind", flat=True)
    ) == {"mark-oral", "reconsolidate-result"}
    with pytest.raises(Refused):
        actions.release(result_id=result.pk, identity_confirmed=True, actor=second, now=LATER)
    expert = region.viewer("expert")
    grading.sign(
        protocol_id=draft.pk,
        points=marks(result.attempt, Part.ORAL, 5),
        typed_total=5,
        actor=expert,
        now=LATER,
    )
    again = actions.consolidate(attempt_id=result.attempt_id, actor=org, now=LATER)
    assert (again.pk, again.total, again.passed) == (result.pk, 5, False)
    assert MarkProtocol.objects.filter(attempt=result.attempt).count() == 2
    with pytest.raises(Refused) as refused:
        sent(again, second)
        actions.correct(
            result_id=result.pk, part=Part.ORAL, explanation="Ещё раз", actor=org, now=LATER
        )
    assert codes(refused) == ["results.wrong-state"]


# --- told in time ----------------------------------------------------------------------------


def test_sending_hands_the_result_to_school_and_mouo_and_moves_the_case(region, second):
    result = sent(drawn(a_day(region), oral=9), second)
    rows = {row.kind: row for row in Dispatch.objects.all()}
    assert set(rows) == {"result_to_school", "result_to_mouo"}
    assert rows["result_to_school"].recipient_id == region.school.pk
    assert rows["result_to_mouo"].recipient_id == region.mouo.pk
    assert rows["result_to_school"].due_on == date(2026, 3, 19)
    assert not rows["result_to_school"].sent_late
    result.application.refresh_from_db()
    assert result.application.state == ApplicationState.PASSED
    assert result.application.tested_on == date(2026, 3, 16)
    assert (
        dict(Duty.objects.values_list("kind", "organisation_id")).items()
        >= {
            "inform-parent": region.school.pk,
            "forward-to-rcoi": region.mouo.pk,
        }.items()
    )


def test_tc087_a_result_sent_on_the_fourth_working_day_is_marked_late(region, second):
    result = drawn(a_day(region), oral=9)
    sent(result, second, now=NOW + timedelta(days=4))
    assert Dispatch.objects.get(kind="result_to_school").sent_late
    assert Dispatch.objects.get(kind="result_to_mouo").sent_late


def test_tc088_the_school_has_three_working_days_to_tell_the_parent(region, second):
    result = sent(drawn(a_day(region), oral=9), second)
    assert result.parent_due == date(2026, 3, 19)
    duty = Duty.objects.get(kind="inform-parent")
    assert duty.due_on == date(2026, 3, 19)


@pytest.mark.parametrize(
    ("how", "address"),
    [("email", "parent@example.org"), ("post", "г. Владивосток, ул. Лесная, 1")],
)
def test_the_parent_is_told_by_the_way_the_school_chose(region, second, how, address):
    result = sent(drawn(a_day(region), oral=9), second)
    actions.inform_parent(
        result_id=result.pk,
        how=how,
        actor=region.viewer("school"),
        now=LATER,
    )
    letter = Notice.objects.get(template="result")
    assert (letter.channel, letter.address) == (how, address)
    result.refresh_from_db()
    assert (result.state, result.informed_how) == (ResultState.INFORMED, how)
    assert not Duty.objects.filter(kind="inform-parent").exists()


def test_the_letter_carries_the_notice_and_tells_the_outcome_without_a_name(region, second):
    result = sent(drawn(a_day(region), oral=9, last_name="Абдурахмонова"), second)
    school = region.viewer("school")
    actions.inform_parent(result_id=result.pk, how="email", actor=school, now=LATER)
    letter = Notice.objects.get(template="result")
    assert "Тестирование пройдено" in letter.body
    assert "приложено к письму" in letter.body
    assert "Абдурахмонова" not in letter.subject + letter.body
    assert letter.attachment.content_type == "application/pdf"
    assert store.read(letter.attachment).startswith(b"%PDF")
    seen = JournalEntry.objects.filter(about=f"result:{result.pk}", kind="view")
    assert [entry.facts["where"] for entry in seen] == ["notice-sent"]


def test_a_notice_on_the_portal_is_not_said_to_be_in_the_letter(region, second):
    result = sent(drawn(a_day(region), oral=9, has_portal_account=True), second)
    school = region.viewer("school")
    actions.inform_parent(result_id=result.pk, how="portal", actor=school, now=LATER)
    letter = Notice.objects.get(template="result")
    assert letter.attachment is None
    assert "размещено в личном кабинете портала" in letter.body
    assert "приложено" not in letter.body


def test_without_an_address_the_notice_is_handed_over(region, second):
    result = sent(drawn(a_day(region), oral=9, notify_email="", notify_address=""), second)
    school = region.viewer("school")
    for how in ("email", "post", "portal"):
        with pytest.raises(Refused) as refused:
            actions.inform_parent(result_id=result.pk, how=how, actor=school, now=LATER)
        assert codes(refused) == ["results.no-address"]
    actions.inform_parent(result_id=result.pk, how="hand", actor=school, now=LATER)
    assert not Notice.objects.exists()


def test_another_school_cannot_tell_the_parent(region, second):
    result = sent(drawn(a_day(region), oral=9), second)
    with pytest.raises(Result.DoesNotExist):
        actions.inform_parent(
            result_id=result.pk,
            how="hand",
            actor=region.viewer("other_school"),
            now=LATER,
        )


def test_the_mouo_passes_results_on_to_rcoi_within_its_term(region, second):
    result = sent(drawn(a_day(region), oral=9), second)
    mouo = region.viewer("mouo")
    actions.forward_to_rcoi(result_ids=[result.pk], actor=mouo, now=LATER)
    row = Dispatch.objects.get(kind="result_to_rcoi")
    assert (row.recipient_id, row.due_on) == (region.rcoi.pk, date(2026, 3, 19))
    assert not Duty.objects.filter(kind="forward-to-rcoi").exists()
    with pytest.raises(Result.DoesNotExist):
        actions.forward_to_rcoi(
            result_ids=[result.pk], actor=region.viewer("other_mouo"), now=LATER
        )


def test_tc092_a_failed_test_leaves_the_school_a_task_to_offer_training(region, second):
    result = sent(drawn(a_day(region), oral=5), second)
    kinds = Duty.objects.filter(
        case_id=result.application_id, organisation=region.school
    ).values_list("kind", flat=True)
    assert any("train" in kind for kind in kinds), list(kinds)


def test_the_journal_names_nobody(region, second):
    result = sent(drawn(a_day(region), oral=9, last_name="Абдурахмонова"), second)
    actions.inform_parent(
        result_id=result.pk,
        how="email",
        actor=region.viewer("school"),
        now=LATER,
    )
    entries = JournalEntry.objects.all()
    assert {"result.consolidated", "result.released", "result.informed"} <= set(
        entries.values_list("event", flat=True)
    )
    assert "Абдурахмонова" not in str(list(entries.values()))


def test_an_expert_sees_no_result_of_his_days_and_the_chair_sees_all(region):
    from merilo.results import queries

    result = drawn(a_day(region), oral=9)
    assert not queries.results_visible_to(region.viewer("expert")).exists()
    assert queries.results_visible_to(region.viewer("chair")).get() == result


class LiteralMode:
    """The active profile with the other `scoring.mode`: the printed form of the order for all."""

    def __init__(self, profile):
        self.profile = profile

    def __getattr__(self, name):
        return getattr(self.profile, name)

    def value(self, name, *, on):
        from dataclasses import replace

        found = self.profile.value(name, on=on)
        return replace(found, value="literal_order_form") if name == "scoring.mode" else found


def test_tc075_the_mode_of_the_order_form_fails_what_the_grade_passes_and_touches_no_old_result(
    region, org, monkeypatch
):
    from merilo.grading import queries as marking
    from merilo.registry.queries import active_profile

    made = a_day(region, held_on=date(2026, 3, 16))
    old = drawn(made, 5, oral=9, written=9)
    assert (old.passed, old.spec["thresholds"]["total_max"]["value"]) == (True, 20)
    literal = LiteralMode(active_profile())
    monkeypatch.setattr(marking, "active_profile", lambda: literal)
    attempt = marked(an_attempt(made, 5), made, oral=9, written=9)
    new = actions.consolidate(attempt_id=attempt.pk, actor=org, now=LATER)
    assert (new.passed, new.mode, new.total) == (False, "literal_order_form", 18)
    draft = actions.correct(
        result_id=old.pk, part=Part.ORAL, explanation="Описка", actor=org, now=LATER
    )
    grading.sign(
        protocol_id=draft.pk, points=draft.points, typed_total=9,
        actor=region.viewer("expert"), now=LATER,
    )  # fmt: skip
    again = actions.consolidate(attempt_id=old.attempt_id, actor=org, now=LATER)
    assert (again.passed, again.spec_id) == (True, old.spec_id)


def test_of_what_was_broken_off_the_parts_taken_are_marked_and_the_rest_has_no_points(region):
    """Where the region decided so: an oral part of nine points, nothing written."""
    made = a_day(region)
    attempt = an_attempt(
        made,
        2,
        state=AttemptState.INTERRUPTED_PERSONAL,
        interrupted_then="marked_as_done",
        written_finished_at=None,
    )
    owe(attempt)
    kinds = Duty.objects.filter(subject=f"attempt:{attempt.pk}").values_list("kind", flat=True)
    assert set(kinds) == {"mark-oral"}
    expert = region.viewer("expert")
    assert [work.part for work in works_of(expert)] == ["oral"]
    with pytest.raises(Refused) as refused:
        grading.open_protocol(attempt_id=attempt.pk, part=Part.WRITTEN, actor=expert, now=LATER)
    assert codes(refused) == ["grading.broken-off"]
    assert not is_whole(made.day)
    assert marked(attempt, made, oral=9).state == "marked"
    result = actions.consolidate(
        attempt_id=attempt.pk, actor=region.viewer("testing_org"), now=LATER
    )
    assert (result.oral_sum, result.written_sum, result.total, result.passed) == (9, 0, 9, False)
    assert is_whole(made.day)


def test_what_will_be_taken_on_another_day_is_not_marked_and_holds_nothing_up(region):
    made = a_day(region)
    attempt = an_attempt(
        made,
        2,
        state=AttemptState.INTERRUPTED_PERSONAL,
        interrupted_then="additional_date",
        written_finished_at=None,
    )
    owe(attempt)
    assert not Duty.objects.filter(subject=f"attempt:{attempt.pk}").exists()
    assert works_of(region.viewer("expert")) == []
    assert is_whole(made.day)
