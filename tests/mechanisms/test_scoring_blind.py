"""Experts score blind; equal marks stand at once, the rest is harmonised or goes to the third."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, ProgrammingError, transaction

from builders import NOW, TODAY, put
from mechanisms.builders_expertise import (
    EXPERTS,
    LATER,
    a_run,
    appointed,
    everything_scored,
    in_expertise,
    proposed,
    scored,
    typed,
)
from merilo.casework.models import Duty
from merilo.law import Refused
from merilo.mechanisms.actions import assigning, harmonising, scoring
from merilo.mechanisms.models import Answer, Appointment, Criterion, Link, Mark, Settlement
from merilo.mechanisms.queries.expertise import (
    links_appointed_to,
    policy_of,
    scores_visible_to,
    sheet_of,
    sizes_of,
    table_of,
    works_of,
)
from merilo.mechanisms.queries.experts import portions_of
from merilo.mechanisms.queries.places import places_of
from merilo.mechanisms.queries.results import lost_points, result_of
from merilo.registry.queries import active_profile

pytestmark = pytest.mark.django_db(transaction=True)


def refused(act, **kwargs):
    with pytest.raises(Refused) as caught:
        act(**kwargs)
    return [one.code for one in caught.value.refusals]


def table(run, of="mouo"):
    submission = run.submissions[of]
    submission.refresh_from_db()
    return table_of(submission, policy_of(active_profile(), on=NOW.date()))


def standings(run, of="mouo"):
    return {row.code: str(row.compared.standing) for row in table(run, of).rows}


def save(run, who, code, mark, direction="1.1"):
    return {
        "appointment_id": run.appointment(who, direction).pk,
        "criterion_id": run.criteria[code].pk,
        "mark": mark,
        "actor": run.viewer(who),
        "now": LATER,
    }


def give_up(run, who, code, why="Читаем приказ по-разному."):
    harmonising.give_up(
        appointment_id=run.appointment(who, "1.1").pk, criterion_id=run.criteria[code].pk,
        why=why, actor=run.viewer(who), now=LATER,
    )  # fmt: skip


def test_a_mark_is_kept_with_its_grounds_and_the_links_it_leaves_out(region):
    run = in_expertise(region)
    row = sheet_of(run.appointment("mumexpert", "1.1")).rows[0]
    mark = typed(0, "D5")
    mark.excluded[row.links[0].pk] = "N1"
    kept = scoring.save_mark(**save(run, "mumexpert", "1.1.1.1", mark))
    assert kept.grounds == ["D5"] and kept.deductions.get().amount is None
    assert [one.code for one in kept.left_out.all()] == ["N1"]
    again = scoring.save_mark(**save(run, "mumexpert", "1.1.1.1", typed(3)))
    assert again.pk == kept.pk and again.grounds == [] and not again.left_out.exists()


def test_a_mark_that_breaks_the_rules_is_not_kept(region):
    run = in_expertise(region)
    codes = refused(scoring.save_mark, **save(run, "mumexpert", "1.1.1.1", typed(0, comment="")))
    assert codes == ["mechanisms.comment-at-extreme"]
    assert not Mark.objects.exists()


def test_a_position_of_another_direction_is_not_the_expert_s(region):
    run = in_expertise(region)
    assert refused(scoring.save_mark, **save(run, "mumexpert", "1.3.1.1.1", typed(2))) == [
        "mechanisms.strange-position"
    ]


def test_another_expert_s_appointment_does_not_exist_for_him(region):
    run = in_expertise(region)
    wanted = save(run, "mumexpert", "1.1.1.1", typed(2)) | {"actor": run.viewer("mumexpert2")}
    with pytest.raises(Appointment.DoesNotExist):
        scoring.save_mark(**wanted)


def test_the_work_is_not_finished_with_a_position_left(region):
    run = in_expertise(region)
    scoring.save_mark(**save(run, "mumexpert", "1.1.1.1", typed(2)))
    assert refused(
        scoring.finish,
        appointment_id=run.appointment("mumexpert", "1.1").pk,
        actor=run.viewer("mumexpert"),
        now=LATER,
    ) == ["mechanisms.unmarked"]


def test_nobody_sees_a_mark_until_both_are_done(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 2)
    rows = [row for row in table(run).rows if row.place.direction.code == "1.1"]
    assert all(not row.blind and row.compared.standing == "blind" for row in rows)
    other = sheet_of(run.appointment("mumexpert2", "1.1"))
    assert all(row.mark is None for row in other.rows)


def test_equal_marks_stand_and_the_submission_is_scored_when_all_do(region):
    run = everything_scored(in_expertise(region))
    assert set(standings(run).values()) == {"settled"}
    assert run.submissions["mouo"].state == "scored"
    standing = Settlement.objects.filter(submission=run.submissions["mouo"])
    assert {(str(one.basis), one.points, one.net) for one in standing} == {("agreed", 2, 2)}
    assert not Duty.objects.filter(kind__startswith="mechanisms-").exists()


def test_a_finished_blind_mark_cannot_be_changed_by_anybody(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 2)
    assert refused(scoring.save_mark, **save(run, "mumexpert", "1.1.1.1", typed(3))) == [
        "mechanisms.finished-already"
    ]
    with pytest.raises(ProgrammingError), transaction.atomic():
        Mark.objects.update(points=4)


def test_marks_that_differ_are_owed_a_harmonisation_and_settle_when_both_say_the_same(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    assert Duty.objects.filter(kind="mechanisms-harmonise").count() == 2
    proposed(run, "mumexpert", "1.1.1.1", 2)
    assert standings(run)["1.1.1.1"] == "differs"
    proposed(run, "mumexpert2", "1.1.1.1", 2)
    row = table(run).row(run.criteria["1.1.1.1"].pk)
    assert (row.settled.basis, row.settled.points) == ("harmonised", 2)
    assert sorted(one.points for one in row.blind) == [1, 3]  # the blind round is kept


def test_every_proposal_is_kept_and_the_last_of_each_expert_is_in_force(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    for who, points in (("mumexpert", 0), ("mumexpert2", 2), ("mumexpert", 3)):
        proposed(run, who, "1.1.1.1", points, "D5")
    row = table(run).row(run.criteria["1.1.1.1"].pk)
    first = run.appointment("mumexpert", "1.1").pk
    assert [(one.appointment_id == first, one.version, one.points) for one in row.proposals] == [
        (True, 1, 0), (False, 1, 2), (True, 2, 3),
    ]  # fmt: skip
    assert all(one.grounds == ["D5"] for one in row.proposals)
    assert row.newest_of(first).points == 3 and len(row.harmonised) == 2
    assert row.settled is None
    proposed(run, "mumexpert2", "1.1.1.1", 3, "D5")
    row = table(run).row(run.criteria["1.1.1.1"].pk)
    assert row.settled.points == 3 and len(row.proposals) == 4
    with pytest.raises(DatabaseError), transaction.atomic():
        Mark.objects.filter(round="harmonised").update(comment="другое")
    with pytest.raises(DatabaseError), transaction.atomic():
        Mark.objects.filter(round="harmonised", version=1).delete()


def test_a_proposal_that_was_replaced_is_in_no_recommendation(region):
    run = in_expertise(region)
    for of in run.submissions:
        scored(run, "mumexpert", "1.3", 2, of=of)
        scored(run, "mumexpert2", "1.3", 2, of=of)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 2)
    for who, points, said in (
        ("mumexpert", 0, "Первое слово."),
        ("mumexpert", 3, "Последнее слово."),
        ("mumexpert2", 3, "Согласен."),
    ):
        mark = typed(points, comment=said)
        harmonising.propose_mark(**save(run, who, "1.1.1.1", mark))
    of = run.submissions["mouo"]
    table = table_of(of, policy_of(active_profile(), on=TODAY))
    said = {row.code: row.settled_comments for row in table.rows}
    lost = lost_points(result_of(of), said)["1.1"]
    [position] = [one for one in lost if one.node.code == "1.1.1.1"]
    assert "Последнее слово." in position.comments and "Первое слово." not in position.comments


def test_a_draft_is_written_over_and_has_no_versions(region):
    run = in_expertise(region)
    for points in (1, 2):
        scoring.save_mark(**save(run, "mumexpert", "1.1.1.1", typed(points)))
    assert [(one.version, one.points) for one in Mark.objects.all()] == [(1, 2)]
    with pytest.raises(DatabaseError), transaction.atomic():
        Mark.objects.update(version=2)


def test_before_both_are_done_nothing_can_be_proposed(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    assert refused(harmonising.propose_mark, **save(run, "mumexpert", "1.1.1.1", typed(2))) == [
        "mechanisms.nothing-to-harmonise"
    ]


def test_the_third_expert_decides_what_the_two_could_not(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    give_up(run, "mumexpert", "1.1.1.1")
    assert Duty.objects.filter(kind="mechanisms-appoint-third").count() == 1
    third, _warnings = assigning.appoint(
        expert_id=run.experts["mumexpert3"].pk, submission_id=run.submissions["mouo"].pk,
        direction_id=run.criteria["1.1"].pk, third=True,
        actor=run.viewer("ministry"), now=LATER,
    )  # fmt: skip
    assert not Duty.objects.filter(kind="mechanisms-appoint-third").exists()
    assert [row.code for row in sheet_of(third).rows] == ["1.1.1.1"]
    scoring.save_mark(**save(run, "mumexpert3", "1.1.1.1", typed(2, "D5")))
    finish = {"appointment_id": third.pk, "actor": run.viewer("mumexpert3"), "now": LATER}
    assert refused(scoring.finish, **finish) == ["mechanisms.harmonising-still"]
    give_up(run, "mumexpert2", "1.1.1.2")
    scoring.save_mark(**save(run, "mumexpert3", "1.1.1.2", typed(3)))
    scoring.finish(**finish)
    row = table(run).row(run.criteria["1.1.1.1"].pk)
    assert (row.settled.basis, row.settled.points) == ("third", 2)
    assert row.settled.deductions == ["D5"] and row.settled.unpriced == ["D5"]


def test_giving_up_needs_a_word_why(region):
    run = in_expertise(region)
    scored(run, "mumexpert", "1.1", 1)
    scored(run, "mumexpert2", "1.1", 3)
    with pytest.raises(Refused) as caught:
        give_up(run, "mumexpert", "1.1.1.1", why=" ")
    assert [one.code for one in caught.value.refusals] == ["mechanisms.no-explanation"]


def test_an_expert_s_list_shows_his_own_work_with_what_is_done(region):
    run = in_expertise(region)
    scoring.save_mark(**save(run, "mumexpert", "1.1.1.1", typed(2)))
    works = {one.pk: one.marked for one in works_of(run.viewer("mumexpert"))}
    assert len(works) == 4
    assert works[run.appointment("mumexpert", "1.1").pk] == 1


def test_a_municipality_reads_no_marks_before_the_time_of_objections(region):
    run = everything_scored(in_expertise(region))
    assert not scores_visible_to(run.viewer("mouo")).exists()
    assert scores_visible_to(run.viewer("ministry")).count() == 2
    assert not scores_visible_to(run.viewer(EXPERTS[0])).exists()


# --- what does not apply -------------------------------------------------------------------------


def told_absent(run, code="1.1.1", **more):
    """The municipality told of a whole track that it does not apply."""
    return Answer.objects.create(
        submission=run.submissions["mouo"], criterion=run.criteria[code], not_applicable=True,
        changed_at=NOW, **more,
    )  # fmt: skip


def begun(run):
    assigning.begin_expertise(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=NOW)
    return run


def test_nobody_is_wanted_for_a_direction_that_does_not_apply(region):
    run = a_run(region)
    told_absent(run, reason="Процедур в этом году не было")
    sizes = {
        (one.submission, one.direction): one.size
        for one in portions_of(run.submissions.values(), places_of(run.cycle.edition_id))
    }
    mouo, other = (run.submissions[of].pk for of in ("mouo", "other_mouo"))
    assert sizes == {(mouo, "1.3"): 1, (other, "1.1"): 2, (other, "1.3"): 1}


def test_a_track_that_does_not_apply_is_scored_by_nobody(region):
    run = in_expertise(region)
    told_absent(run, reason="Процедур в этом году не было")
    own = run.appointment("mumexpert", "1.1")
    rows = sheet_of(own).rows
    assert [one.reason for one in rows] == ["Процедур в этом году не было"] * 2
    assert sheet_of(own).to_mark == [] and sizes_of([own]) == {own.pk: 0}
    assert refused(scoring.save_mark, **save(run, "mumexpert", "1.1.1.1", typed(4)))
    assert [row.code for row in table(run).rows] == ["1.3.1.1.1"]


def test_case_127_with_confirming_documents_the_positions_are_scored_by_them(region):
    run = a_run(region)
    put(Criterion.objects.filter(pk=run.criteria["1.1.1"].pk), special=["R4"])
    proof = told_absent(run).links.create(
        seq=1, url="https://uo.example/net.pdf", document_name="Справка: таких школ нет"
    )
    for code in ("1.1.1.1", "1.1.1.2"):
        Answer.objects.get(
            submission=run.submissions["mouo"], criterion=run.criteria[code]
        ).links.all().delete()
    run = begun(appointed(run))
    own = run.appointment("mumexpert", "1.1")
    assert [one.links for one in sheet_of(own).to_mark] == [(proof,), (proof,)]
    assert proof in Link.objects.filter(links_appointed_to(run.viewer("mumexpert")))
    for who in EXPERTS[:2]:
        for direction in ("1.1", "1.3"):
            scored(run, who, direction, 3)
    result = result_of(run.submissions["mouo"])
    worth = result.worths["1.1"]
    assert (worth.points, worth.maximum) == (6, 8), "the marks count like any other"
