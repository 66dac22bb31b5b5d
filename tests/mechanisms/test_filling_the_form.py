"""A municipality fills, checks and submits its form; what the database and the journal then hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction

from journeys.builders_road import vl
from mechanisms.builders_mechanisms import (
    AFTER,
    DURING,
    GOOD,
    LAST,
    MADE,
    SHARED,
    SUBMIT_BY,
    a_run,
    federal,
    position,
)
from mechanisms.builders_mechanisms import region as criteria
from merilo.casework.models import Duty
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.mechanisms import actions, queries
from merilo.mechanisms.actions.criteria import MatchRow
from merilo.mechanisms.models import (
    AccessSecret,
    Answer,
    CriteriaEdition,
    CriteriaMatch,
    Link,
    Submission,
)
from merilo.mechanisms.queries.experts import proposed
from merilo.mechanisms.rules.form import LinkFacts
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.mechanisms.rules.tree import Edition, Kind, Node
from merilo.mechanisms.steps import secrets
from merilo.registry.access import Forbidden, Viewer
from rules.reading import codes

pytestmark = pytest.mark.django_db
OWN = "1.2.1.1.2"


@pytest.fixture
def run(region):
    return a_run(region)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as wrong:
        call(*args, **kwargs)
    return sorted(one.code.removeprefix("mechanisms.") for one in wrong.value.refusals)


# --- criteria and cycles -------------------------------------------------------------------------


def test_an_edition_is_read_back_as_it_was_loaded(run):
    assert queries.criteria.edition_of(run.cycle.edition) == criteria()


def test_a_cycle_freezes_its_criteria_for_ever(run):
    row = CriteriaEdition.objects.get(pk=run.cycle.edition_id)
    assert (row.state, len(row.sha256)) == ("frozen", 64)
    assert refused(
        actions.load_edition, edition=criteria(), again=True, actor=run.ministry, now=DURING
    ) == ["edition-frozen"]


def test_a_draft_may_be_loaded_again_and_another_code_is_not_taken_by_chance(region):
    ministry = region.viewer("ministry")
    load = {"actor": ministry, "now": MADE}
    actions.load_edition(edition=criteria(), **load)
    assert refused(actions.load_edition, edition=criteria(), **load) == ["edition-exists"]
    again = actions.load_edition(edition=criteria(title="Новые"), again=True, **load)
    assert CriteriaEdition.objects.get().title == again.title == "Новые"
    own_archive = replace(federal(2022), federal=False)
    assert refused(actions.load_edition, edition=own_archive, again=True, **load) == [
        "edition-exists"
    ]


def test_the_federal_archive_is_kept_once_with_its_mapping(region):
    ministry = region.viewer("ministry")
    for _again in range(2):
        assert actions.keep_archive(actor=ministry, now=MADE) == 2
    later = CriteriaEdition.objects.get(code="mum-2022")
    assert queries.criteria.edition_of(later) == federal(2022)
    matches = queries.criteria.matches_into(later)
    assert matches.count() == 14
    assert matches.filter(earlier=None).count() == 4
    assert queries.criteria.edition_by_code("mum-2021").total == 902
    assert queries.criteria.edition_by_code("none") is None


def test_no_cycle_stands_on_the_federal_archive(region):
    ministry = region.viewer("ministry")
    actions.keep_archive(actor=ministry, now=MADE)
    row = CriteriaEdition.objects.get(code="mum-2022")
    against = refused(
        actions.create_cycle, edition_id=row.pk, title="Федеральный", submit_by=SUBMIT_BY,
        actor=ministry, now=MADE,
    )  # fmt: skip
    assert set(against) == {"points-missing"}


def test_every_municipality_gets_a_form_and_a_duty_until_the_last_day(run, region):
    assert run.cycle.submissions.count() == 2
    duties = Duty.objects.filter(kind="fill-mechanisms")
    assert {one.organisation_id for one in duties} == {
        run.form.organisation_id,
        run.other.organisation_id,
    }
    assert {one.due_on for one in duties} == {SUBMIT_BY}
    actions.change_last_day(
        cycle_id=run.cycle.pk, submit_by=date(2026, 4, 10), actor=run.ministry, now=DURING
    )
    assert {one.due_on for one in duties.all()} == {date(2026, 4, 10)}
    run.fill()
    run.submit()
    assert [one.organisation_id for one in duties.all()] == [run.other.organisation_id]


def test_a_run_goes_to_expertise_with_what_was_submitted(run, region):
    run.fill()
    run.submit()
    move = {"cycle_id": run.cycle.pk, "actor": run.ministry}
    assert refused(actions.move_cycle, to=CycleState.CLOSED, now=LAST, **move) == ["still-time"]
    actions.move_cycle(to=CycleState.CLOSED, now=AFTER, **move)
    assert not Duty.objects.filter(kind="fill-mechanisms").exists()
    assert refused(actions.move_cycle, to=CycleState.OPEN, now=AFTER, **move) == ["submit-by-past"]
    lacking = set(refused(actions.move_cycle, to=CycleState.EXPERTISE, now=AFTER, **move))
    assert lacking == {"too-few-experts"}
    for login in ("mumexpert", "mumexpert2"):
        actions.include_expert(
            position_id=region.viewer(login).position_id, actor=run.ministry, now=AFTER
        )
    plan = proposed(run.cycle, run.ministry, seed="1", on=AFTER.date())
    actions.appoint_by_plan(seed="1", digest=plan.digest, now=AFTER, **move)
    actions.move_cycle(to=CycleState.EXPERTISE, now=AFTER, **move)
    states = dict(run.cycle.submissions.values_list("pk", "state"))
    assert states == {run.form.pk: "in_expertise", run.other.pk: "draft"}


# --- filling -------------------------------------------------------------------------------------


def test_what_lacks_something_is_kept_and_told(run):
    kept = run.save(OWN, LinkFacts(1, url="https://uo.example/a.pdf", page_count=12))
    assert codes(kept.reasons) == ["mechanisms.document-name-missing", "mechanisms.pages-missing"]
    assert Link.objects.get().url == "https://uo.example/a.pdf"
    assert kept.answer.version == 1


def test_a_sixth_row_is_kept_as_a_draft_and_stops_the_check(run):
    rows = [replace(GOOD, row=n, url=f"https://uo.example/{n}") for n in range(1, 7)]
    kept = run.save(OWN, *rows)
    assert codes(kept.reasons) == ["mechanisms.too-many-links"]
    checked = actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert not checked.passed
    assert checked.submission.state == SubmissionState.DRAFT


def test_a_row_that_was_emptied_is_gone_and_the_others_stay_where_they_were(run):
    run.save(OWN, GOOD, replace(GOOD, row=2, url="https://uo.example/2"))
    second = Link.objects.get(seq=2).pk
    run.save(OWN, LinkFacts(1), replace(GOOD, row=2, url="https://uo.example/2"), seen=1)
    assert [(one.pk, one.seq) for one in Link.objects.all()] == [(second, 2)]
    run.save(OWN, seen=2)
    assert not Link.objects.exists()


def test_of_two_people_at_one_position_the_second_is_told_and_nothing_is_lost(run):
    run.save(OWN, GOOD)
    assert refused(run.save, OWN, replace(GOOD, document_name="Другое")) == ["stale-answer"]
    assert Link.objects.get().document_name == GOOD.document_name
    run.save(OWN, replace(GOOD, document_name="Другое"), seen=1)
    assert Answer.objects.get().version == 2


def test_two_people_at_two_positions_do_not_meet(run):
    run.save(OWN, GOOD)
    run.save("1.1.2.1", SHARED)
    assert Answer.objects.count() == 2


def test_a_password_in_a_comment_is_refused_and_nowhere_kept(run):
    told = "пароль: sekret99"
    assert refused(run.save, OWN, replace(GOOD, comment=told)) == ["secret-in-comment"]
    assert not Answer.objects.exists()
    assert "sekret99" not in str(list(JournalEntry.objects.values_list("facts", flat=True)))


def test_what_is_no_position_takes_no_links(run):
    assert refused(run.save, "1.2", GOOD) == ["not-in-criteria"]
    assert refused(run.save, "9.9", GOOD) == ["not-in-criteria"]


def test_the_last_day_counts_by_the_clock_of_the_municipality(run):
    run.save(OWN, GOOD, now=LAST)
    assert refused(run.save, OWN, GOOD, seen=1, now=AFTER) == ["day-passed"]


def test_a_form_is_checked_by_the_rules_of_typing_and_then_submitted(run):
    run.save(OWN, replace(GOOD, pages=""))
    checked = actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert codes(checked.reasons) == ["mechanisms.pages-missing"]
    assert refused(actions.submit, submission_id=run.form.pk, actor=run.mouo, now=DURING) == [
        "not-checked", "pages-missing",
    ]  # fmt: skip
    run.save(OWN, GOOD, seen=1)
    checked = actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert checked.passed and checked.submission.state == SubmissionState.SELF_CHECKED
    assert {one.code for one in checked.reasons} == {"mechanisms.nothing-given"}
    given = actions.submit(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert given.state == SubmissionState.SUBMITTED
    assert given.submitted_by_id == run.mouo.account_id
    assert len(given.warnings) == 4


def test_a_change_after_the_self_check_asks_for_another_one(run):
    run.fill()
    actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    run.save(OWN, GOOD, seen=1)
    assert refused(actions.submit, submission_id=run.form.pk, actor=run.mouo, now=DURING) == [
        "not-checked"
    ]
    actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    again = actions.self_check(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert again.submission.state == SubmissionState.SELF_CHECKED


def test_submitted_materials_are_taken_back_and_given_again_while_the_run_is_open(run):
    run.fill()
    run.submit()
    assert refused(run.save, OWN, GOOD, seen=1) == ["already-submitted"]
    back = actions.take_back(submission_id=run.form.pk, actor=run.mouo, now=DURING)
    assert (back.state, back.submitted_at) == (SubmissionState.DRAFT, None)
    assert Duty.objects.filter(kind="fill-mechanisms").count() == 2
    run.submit()
    with pytest.raises(DatabaseError), transaction.atomic():
        Submission.objects.filter(pk=run.form.pk).update(state="final")


def test_nobody_fills_another_municipality_s_form(run):
    with pytest.raises(ObjectDoesNotExist):
        actions.self_check(submission_id=run.other.pk, actor=run.mouo, now=DURING)
    for who in (run.ministry,):
        with pytest.raises(Forbidden):
            actions.submit(submission_id=run.form.pk, actor=who, now=DURING)


# --- from a spreadsheet, from last year ------------------------------------------------------------


def paste(run, *rows):
    return actions.paste_links(submission_id=run.form.pk, rows=rows, actor=run.mouo, now=DURING)


def test_links_are_pasted_below_those_that_are_there(run):
    run.save(OWN, replace(GOOD, row=2))
    two = [replace(GOOD, row=n, url=f"https://uo.example/{n}") for n in (7, 8)]
    assert paste(run, (OWN, two[0]), ("1.1.2.1", GOOD), (OWN, two[1])) == 3
    found = Link.objects.filter(answer__criterion__code=OWN).order_by("seq")
    assert [(one.seq, one.url[-1]) for one in found] == [(2, "f"), (3, "7"), (4, "8")]
    assert Answer.objects.get(criterion__code=OWN).version == 2


def test_a_paste_with_one_wrong_row_leaves_everything_as_it_was(run):
    six = [(OWN, replace(GOOD, row=n)) for n in range(2, 8)]
    assert refused(paste, run, *six) == ["too-many-links"]
    assert refused(paste, run, (OWN, GOOD), ("1.2", GOOD)) == ["not-in-criteria"]
    secret = replace(GOOD, comment="логин: uo")
    assert refused(paste, run, (OWN, GOOD), (OWN, secret)) == ["secret-in-comment"]
    assert not Link.objects.exists()


def last_year(run, region, edition):
    """The run becomes last year's; a new one begins on another edition."""
    return a_run(region, edition=edition, now=vl(4, 2), submit_by=date(2026, 4, 30))


def next_edition() -> Edition:
    track = Node(
        "T", Kind.TRACK, "Ценности", children=(position("T.1"), position("T.2"), position("T.3"))
    )
    return Edition("region-2027", 2027, "Критерии края 2027", (track,))


def test_last_year_s_form_comes_by_the_mapping_without_its_passwords(run, region):
    run.fill()
    kept = Link.objects.get(answer__criterion__code=OWN)
    actions.keep_secret(
        submission_id=run.form.pk, link_id=kept.pk, said={"login": "uo"}, actor=run.mouo,
        now=DURING,
    )  # fmt: skip
    new = last_year(run, region, next_edition())
    count = actions.match_editions(
        earlier_id=run.cycle.edition_id,
        later_id=new.cycle.edition_id,
        rows=[
            MatchRow(2, "1.2.1.1.1", "T.1"),
            MatchRow(3, OWN, "T.2"),
            MatchRow(4, "1.1.2.1", "T.2", "объединены"),  # many to one
            MatchRow(5, "", "T.3", "соответствия нет"),
            MatchRow(6, "1.1.1.1", "", "исключена"),
        ],
        actor=run.ministry,
        now=DURING,
    )
    assert count == CriteriaMatch.objects.count() == 5
    carry = {"submission_id": new.form.pk, "actor": run.mouo, "now": vl(4, 3)}
    assert actions.carry_over(**carry) == 2
    answers = {one.criterion.code: one for one in queries.forms.answers_of(new.form)}
    assert set(answers) == {"T.1", "T.2"}
    link = answers["T.2"].links.get()
    assert (link.url, link.document_name) == (SHARED.url, SHARED.document_name)
    assert not AccessSecret.objects.filter(link__answer__submission=new.form).exists()
    assert Submission.objects.get(pk=new.form.pk).filled_from_id == run.form.pk
    assert refused(actions.carry_over, **carry) == ["form-not-empty"]


def test_without_a_last_year_nothing_is_carried_over(run):
    carry = {"submission_id": run.form.pk, "actor": run.mouo, "now": DURING}
    assert refused(actions.carry_over, **carry) == ["no-last-year"]


def test_a_mapping_names_existing_criteria(run):
    match = {"earlier_id": run.cycle.edition_id, "later_id": run.cycle.edition_id}
    rows = [MatchRow(2, "9", "1"), MatchRow(3, "1", "8"), MatchRow(4, "", "")]
    assert refused(actions.match_editions, rows=rows, actor=run.ministry, now=DURING, **match) == [
        "match-of-nothing",
        "match-unknown",
        "match-unknown",
    ]


# --- closed pages --------------------------------------------------------------------------------


@pytest.fixture
def closed(run):
    run.save(OWN, replace(GOOD, closed_access=True))
    return Link.objects.get()


def keep(run, link, **said):
    return actions.keep_secret(
        submission_id=run.form.pk, link_id=link.pk, said=said, actor=run.mouo, now=DURING
    )


def test_case_122_credentials_are_stored_encrypted_and_never_in_the_journal(run, closed):
    kept = keep(run, closed, login="uo-vl", password="Тайна-77")
    raw = bytes(AccessSecret.objects.get().sealed)
    assert "Тайна-77".encode() not in raw and b"uo-vl" not in raw
    shown = actions.show_secret(link_id=closed.pk, actor=run.mouo, now=DURING)
    assert shown == {"login": "uo-vl", "password": "Тайна-77", "other": ""}
    journal = str(list(JournalEntry.objects.values_list("event", "about", "facts")))
    assert "mechanisms.secret-shown" in journal
    assert "Тайна" not in journal and "uo-vl" not in journal
    assert kept.expires_on == date(2026, 9, 27)


def test_credentials_satisfy_the_rule_and_are_dropped_with_their_row(run, closed):
    facts = queries.forms.facts_of(run.form)[0].links[0]
    assert (facts.closed_access, facts.has_secret) == (True, False)
    keep(run, closed, other="Открывается из сети школы")
    assert queries.forms.facts_of(run.form)[0].links[0].has_secret
    run.save(OWN, LinkFacts(1), seen=1)
    assert not AccessSecret.objects.exists()


def test_nobody_but_the_municipality_opens_them(run, closed, region):
    keep(run, closed, login="uo")
    for who in ("other_mouo", "mumexpert"):
        with pytest.raises(ObjectDoesNotExist):
            actions.show_secret(link_id=closed.pk, actor=region.viewer(who), now=DURING)
    for who in ("ministry", "rcoi", "auditor", "admin", "school"):
        with pytest.raises(Forbidden):
            actions.show_secret(link_id=closed.pk, actor=region.viewer(who), now=DURING)


def test_credentials_are_forgotten_after_their_day(run, closed):
    assert refused(keep, run, closed, login=" ") == ["secret-empty"]
    keep(run, closed, login="uo")
    clock = Viewer.system("Asia/Vladivostok")
    assert actions.forget_secrets(actor=clock, now=vl(9, 27)) == 0
    late = vl(9, 28)
    assert refused(actions.show_secret, link_id=closed.pk, actor=run.mouo, now=late) == [
        "secret-gone"
    ]
    assert actions.forget_secrets(actor=clock, now=late) == 1
    assert actions.forget_secrets(actor=clock, now=late) == 0
    assert bytes(AccessSecret.objects.get().sealed) == b""
    assert not queries.forms.facts_of(run.form)[0].links[0].has_secret


def test_a_seal_fits_no_other_link(run, closed):
    kept = keep(run, closed, login="uo")
    run.save("1.1.2.1", SHARED)
    kept.link = Link.objects.exclude(pk=closed.pk).get()
    with pytest.raises(ObjectDoesNotExist):
        secrets.opened(kept)


# --- who sees what -------------------------------------------------------------------------------


def test_a_draft_is_read_by_its_municipality_alone(run, region):
    def read(who):
        return list(queries.scope.readable_by(region.viewer(who)))

    assert read("mouo") == [run.form] and read("other_mouo") == [run.other]
    assert read("ministry") == read("rcoi") == read("auditor") == read("mumexpert") == []
    assert read("school") == []
    run.fill()
    run.submit()
    assert read("ministry") == read("rcoi") == read("auditor") == [run.form]
    assert read("mumexpert") == []


def test_a_run_that_is_being_prepared_is_the_operator_s_alone(run, region):
    edition = replace(criteria(), code="other-2026")
    row = actions.load_edition(edition=edition, actor=run.ministry, now=DURING)
    actions.create_cycle(
        edition_id=row.pk, title="Готовится", submit_by=SUBMIT_BY, actor=run.ministry, now=DURING
    )
    seen = {
        who: queries.scope.cycles_visible_to(region.viewer(who)).count()
        for who in ("ministry", "mouo", "rcoi", "school")
    }
    assert seen == {"ministry": 2, "mouo": 1, "rcoi": 1, "school": 0}


def test_progress_counts_positions_by_node(run):
    run.save("1.1.1", GOOD, not_applicable=True)
    run.save(OWN, GOOD)
    found = queries.forms.progress_of(criteria(), queries.forms.facts_of(run.form))
    assert (found["1"].positions, found["1"].filled, found["1"].absent) == (5, 1, 2)
    assert found["1.1.1"].done and not found["1.2"].done
    assert [node.code for node in queries.forms.parts_of(criteria())] == [
        "1.1.1",
        "1.1.2",
        "1.2.1",
    ]
