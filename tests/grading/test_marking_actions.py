"""Protocols on PostgreSQL: taken once, summed by hand, signed by an expert, versions kept."""

from __future__ import annotations

from datetime import date

import pytest

from builders import NOW
from grading.builders_grading import LATER, a_day, an_attempt, marked, marks, owe
from merilo.casework.models import Duty
from merilo.foundation.journal.models import JournalEntry
from merilo.grading import actions, queries
from merilo.grading.models import MarkProtocol
from merilo.grading.rules import ProtocolState, VersionReason
from merilo.law import Form, Part, Refused, specification_as_data
from merilo.testday.models import Attempt, DayAssignment
from merilo.testday.rules import AttemptState, DayRole, OralScheme, SessionDayState

pytestmark = pytest.mark.django_db


@pytest.fixture
def expert(region):
    return region.viewer("expert")


def codes(refused) -> list[str]:
    return [one.code for one in refused.value.refusals]


def open_oral(attempt, viewer):
    return actions.open_protocol(attempt_id=attempt.pk, part=Part.ORAL, actor=viewer, now=LATER)


def sign(protocol, points, total, viewer, now=LATER):
    return actions.sign(
        protocol_id=protocol.pk, points=points, typed_total=total, actor=viewer, now=now
    )


def test_an_expert_takes_a_work_once_and_another_expert_is_told_so(region, expert):
    made = a_day(region)
    attempt = an_attempt(made)
    first = open_oral(attempt, expert)
    assert open_oral(attempt, expert).pk == first.pk
    with pytest.raises(Refused) as refused:
        open_oral(attempt, region.viewer("expert2"))
    assert codes(refused) == ["grading.taken-by-another"]
    made.day.refresh_from_db()
    assert made.day.state == SessionDayState.MARKING


def test_a_member_who_is_no_expert_of_the_day_finds_no_work(region):
    attempt = an_attempt(a_day(region))
    with pytest.raises(Attempt.DoesNotExist):
        open_oral(attempt, region.viewer("conductor"))


def test_a_school_may_not_mark(region):
    attempt = an_attempt(a_day(region))
    with pytest.raises(Refused) as refused:
        open_oral(attempt, region.viewer("school"))
    assert codes(refused) == ["access.not-your-role"]


def test_tc079_two_points_where_one_is_the_most_are_refused_and_nothing_is_kept(region, expert):
    attempt = an_attempt(a_day(region))
    protocol = open_oral(attempt, expert)
    points = marks(attempt, Part.ORAL, 9)
    first = next(iter(points))
    with pytest.raises(Refused) as refused:
        actions.save_points(
            protocol_id=protocol.pk,
            points=points | {first: 2},
            typed_total=None,
            actor=expert,
            now=LATER,
        )
    assert codes(refused) == ["grading.points-out-of-range"]
    protocol.refresh_from_db()
    assert protocol.points == {}


def test_tc080_a_protocol_with_an_empty_criterion_is_kept_but_not_signed(region, expert):
    attempt = an_attempt(a_day(region))
    protocol = open_oral(attempt, expert)
    points = marks(attempt, Part.ORAL, 9)
    last = list(points)[-1]
    points[last] = None
    actions.save_points(
        protocol_id=protocol.pk, points=points, typed_total=9, actor=expert, now=LATER
    )
    with pytest.raises(Refused) as refused:
        sign(protocol, points, 9, expert)
    assert "grading.points-missing" in codes(refused)
    assert refused.value.refusals[0].facts["codes"] == (last,)
    protocol.refresh_from_db()
    assert protocol.state == ProtocolState.DRAFT
    assert protocol.points[last] is None


def test_tc081_written_codes_are_refused_for_grade_1(region, expert):
    attempt = an_attempt(a_day(region), 1)
    protocol = open_oral(attempt, expert)
    with pytest.raises(Refused) as refused:
        sign(protocol, marks(attempt, Part.ORAL, 9) | {"З5": 1}, 9, expert)
    assert codes(refused) == ["grading.unknown-criterion"]
    with pytest.raises(Refused) as refused:
        actions.open_protocol(attempt_id=attempt.pk, part=Part.WRITTEN, actor=expert, now=LATER)
    assert codes(refused) == ["grading.no-written-part"]


def test_tc083_a_sum_that_differs_from_the_criteria_keeps_the_protocol_from_being_signed(
    region, expert
):
    attempt = an_attempt(a_day(region))
    protocol = open_oral(attempt, expert)
    with pytest.raises(Refused) as refused:
        sign(protocol, marks(attempt, Part.ORAL, 8), 9, expert)
    assert codes(refused) == ["grading.total-differs"]


def test_tc084_a_protocol_of_somebody_without_a_name_is_not_signed(region, expert):
    made = a_day(region)
    account = region.accounts["expert"]
    account.person = None
    account.save()
    account.positions.update(title=" ")
    attempt = an_attempt(made)
    protocol = open_oral(attempt, expert)
    with pytest.raises(Refused) as refused:
        sign(protocol, marks(attempt, Part.ORAL, 9), 9, expert)
    assert codes(refused) == ["grading.no-expert-name"]


def test_an_expert_who_led_the_conversation_does_not_mark_it(region, expert):
    made = a_day(region)
    DayAssignment.objects.create(
        day=made.day,
        position=made.position("expert"),
        role=DayRole.ORAL_CONDUCTOR,
        room=region.rooms[0],
        present=True,
    )
    attempt = an_attempt(made)
    protocol = open_oral(attempt, expert)
    with pytest.raises(Refused) as refused:
        sign(protocol, marks(attempt, Part.ORAL, 9), 9, expert)
    assert codes(refused) == ["grading.own-conversation"]


def test_by_the_record_nobody_is_marked_before_every_conversation_is_over(region, expert):
    made = a_day(region, scheme=OralScheme.AUDIO)
    attempt = an_attempt(made)
    an_attempt(made, state=AttemptState.ORAL_RUNNING)
    protocol = open_oral(attempt, expert)
    with pytest.raises(Refused) as refused:
        sign(protocol, marks(attempt, Part.ORAL, 9), 9, expert)
    assert codes(refused) == ["grading.oral-not-done", "grading.no-audio"]


def test_signing_all_parts_marks_the_attempt_and_ends_what_the_experts_owe(region, expert):
    made = a_day(region)
    attempt = an_attempt(made, 10)
    protocol = open_oral(attempt, expert)
    assert set(
        Duty.objects.filter(subject=f"attempt:{attempt.pk}").values_list("kind", "position_id")
    ) == {
        ("mark-oral", made.position("expert").pk),
        ("mark-written", made.position("expert").pk),
        ("mark-written", made.position("expert2").pk),
    }
    sign(protocol, marks(attempt, Part.ORAL, 10), 10, expert)
    marked(attempt, made, oral=None, written=14, who="expert2")
    assert attempt.state == AttemptState.MARKED
    assert set(
        Duty.objects.filter(subject=f"attempt:{attempt.pk}").values_list("kind", "position_id")
    ) == {
        ("consolidate-result", None),  # the organisation's
        ("consolidate-result", made.position("chair").pk),
    }


def test_where_the_criteria_are_not_loaded_the_written_part_is_one_sum(region, expert):
    made = a_day(region)
    attempt = an_attempt(made, 2)
    protocol = actions.open_protocol(
        attempt_id=attempt.pk, part=Part.WRITTEN, actor=expert, now=LATER
    )
    with pytest.raises(Refused) as refused:
        sign(protocol, {}, 11, expert)
    assert codes(refused) == ["grading.part-total-wrong"]
    protocol, _ = sign(protocol, {}, 9, expert)
    assert (protocol.part_total, protocol.points) == (9, {})


def test_tc086_a_mark_changed_after_listening_again_keeps_the_first_version(region, expert):
    made = a_day(region)
    attempt = marked(an_attempt(made), made, oral=9)
    old = MarkProtocol.objects.get()
    with pytest.raises(Refused) as refused:
        actions.new_version(
            protocol_id=old.pk,
            why=VersionReason.RELISTENING,
            explanation="",
            actor=expert,
            now=LATER,
        )
    assert set(codes(refused)) == {"grading.no-explanation", "grading.no-audio"}
    new = actions.new_version(
        protocol_id=old.pk,
        why=VersionReason.TECHNICAL_ERROR,
        explanation="Описка в Д2",
        actor=expert,
        now=LATER,
    )
    assert queries.next_work(expert).attempt_id == attempt.pk
    assert Duty.objects.filter(kind="mark-oral", position_id=expert.position_id).exists()
    points = marks(attempt, Part.ORAL, 10)
    sign(new, points, 10, expert)
    kept, live = queries.versions_of(attempt.pk, Part.ORAL)
    assert (kept.state, sum(kept.points.values())) == (ProtocolState.SUPERSEDED, 9)
    assert (live.state, live.version, live.explanation) == (ProtocolState.SIGNED, 2, "Описка в Д2")
    assert sum(live.points.values()) == 10
    assert Duty.objects.filter(kind="consolidate-result").exists()


def test_a_signed_protocol_is_changed_by_a_new_version_only(region, expert):
    made = a_day(region)
    attempt = marked(an_attempt(made), made, oral=9)
    protocol = MarkProtocol.objects.get()
    with pytest.raises(Refused) as refused:
        actions.save_points(
            protocol_id=protocol.pk,
            points=marks(attempt, Part.ORAL, 10),
            typed_total=10,
            actor=expert,
            now=LATER,
        )
    assert codes(refused) == ["grading.wrong-state"]


def test_an_untouched_work_goes_back_to_all_experts_and_a_filled_one_stays(region, expert):
    attempt = an_attempt(a_day(region))
    protocol = open_oral(attempt, expert)
    actions.put_back(protocol_id=protocol.pk, actor=expert, now=LATER)
    taken = open_oral(attempt, region.viewer("expert2"))
    actions.save_points(
        protocol_id=taken.pk,
        points={"Д1": 1},
        typed_total=None,
        actor=region.viewer("expert2"),
        now=LATER,
    )
    with pytest.raises(Refused) as refused:
        actions.put_back(protocol_id=taken.pk, actor=region.viewer("expert2"), now=LATER)
    assert codes(refused) == ["grading.already-filled"]


def test_an_annulled_attempt_is_neither_offered_nor_signed(region, expert):
    attempt = an_attempt(a_day(region))
    protocol = open_oral(attempt, expert)
    Attempt.objects.filter(pk=attempt.pk).update(
        state=AttemptState.ANNULLED, annulled_at=NOW, annulled_reason="phone"
    )
    assert queries.next_work(expert) is None
    with pytest.raises(Refused) as refused:
        sign(protocol, marks(attempt, Part.ORAL, 9), 9, expert)
    assert codes(refused) == ["grading.annulled"]


def test_works_come_in_an_order_that_tells_nothing_and_stays(region, expert):
    made = a_day(region)
    attempts = [an_attempt(made) for _ in range(12)]
    order = [work.attempt_id for work in queries.works_of(expert)]
    assert sorted(order) == [one.pk for one in attempts]
    assert order != sorted(order)
    assert order == [work.attempt_id for work in queries.works_of(expert)]


def test_the_journal_tells_every_act_and_holds_no_name(region, expert):
    made = a_day(region)
    marked(an_attempt(made, last_name="Каримов"), made, oral=9)
    entries = JournalEntry.objects.filter(event__startswith="protocol.")
    assert set(entries.values_list("event", flat=True)) == {"protocol.opened", "protocol.signed"}
    assert "Каримов" not in str(list(entries.values()))


def test_a_region_loads_the_written_criteria_and_they_apply_from_their_day(region, expert):
    shipped = queries.specification_of(2, Form.ORAL_WRITTEN, a_day(region).day.session.held_on)
    data = specification_as_data(shipped) | {
        "id": "grade-2-region",
        "grades": [2],
        "status": "confirmed",
        "valid_from": "2026-03-01",
        "written": {"5": {f"З{n}": 1 for n in range(5, 15)}},
    }
    rcoi = region.viewer("rcoi")
    with pytest.raises(Refused) as refused:
        actions.load_specification(
            data=data | {"written": {"5": {"З5": 1}}}, source="письмо", actor=rcoi, now=NOW
        )
    assert codes(refused) == ["grading.specification-wrong"]
    actions.load_specification(data=data, source="письмо", actor=rcoi, now=NOW)
    with pytest.raises(Refused) as refused:
        actions.load_specification(data=data, source="письмо", actor=rcoi, now=NOW)
    assert codes(refused) == ["grading.specification-known"]
    made = a_day(region, held_on=date(2026, 3, 17))
    attempt = an_attempt(made, 2)
    assert len(marks(attempt, Part.WRITTEN, 0)) == 10


def test_a_work_nobody_took_is_owed_by_every_expert_of_the_day(region):
    owe(an_attempt(a_day(region)))
    assert Duty.objects.filter(kind="mark-oral").count() == 2


def test_the_job_of_a_finished_part_puts_works_before_the_experts(region):
    made = a_day(region)
    done, annulled = an_attempt(made), an_attempt(made)
    running = an_attempt(made, state=AttemptState.ORAL_RUNNING)
    Attempt.objects.filter(pk=annulled.pk).update(
        state=AttemptState.ANNULLED, annulled_at=NOW, annulled_reason="phone"
    )
    assert actions.owe_marking(day_id=made.day.pk, now=NOW) == 3
    owed = Duty.objects.values_list("subject", "kind")
    assert set(owed) == {
        (f"attempt:{done.pk}", "mark-oral"),
        (f"attempt:{annulled.pk}", "consolidate-result"),
    }
    assert not Duty.objects.filter(subject=f"attempt:{running.pk}").exists()


@pytest.mark.django_db(transaction=True)
def test_two_experts_at_the_same_moment_get_two_answers_and_one_protocol(region):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    attempt = an_attempt(a_day(region))
    viewers = [region.viewer("expert"), region.viewer("expert2")]

    def take(viewer):
        try:
            return open_oral(attempt, viewer)
        except Refused as refused:
            return refused.refusals[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(take, viewers))
    assert "grading.taken-by-another" in answers
    assert MarkProtocol.objects.filter(attempt=attempt).count() == 1
