"""Links from a spreadsheet and from last year's form: below what is there, all or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from journeys.builders_road import vl
from mechanisms.builders_mechanisms import (
    DURING,
    GOOD,
    SHARED,
    a_run,
    position,
    refused,
)
from merilo import law
from merilo.mechanisms import actions, queries
from merilo.mechanisms.actions.criteria import MatchRow
from merilo.mechanisms.models import (
    AccessSecret,
    Answer,
    CriteriaMatch,
    Link,
    Submission,
)
from merilo.mechanisms.rules.form import LinkFacts
from merilo.mechanisms.rules.tree import Edition, Kind, Node

pytestmark = pytest.mark.django_db
OWN = "1.2.1.1.2"
DAY_DURING = DURING.date()


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


@pytest.mark.parametrize(
    "address",
    [
        "https://uo:Qwerty12@uo.example/p.pdf",
        " https://uo@uo.example/p.pdf",
        "https://uo.example/p.pdf?login=uo&password=Qwerty12",
        "https://uo.example/p?пароль=1",
    ],
)
def test_a_password_inside_an_address_is_not_kept_in_the_open(run, address):
    secret = replace(GOOD, url=address)
    assert refused(run.save, OWN, secret) == ["secret-in-address"]
    assert refused(paste, run, (OWN, secret)) == ["secret-in-address"]
    said = [one for _line, one in look(run, (OWN, secret)).said]
    assert [one.code for one in said] == ["mechanisms.secret-in-address"]
    assert "Qwerty12" not in said[0].sentence(), "what is refused is not repeated either"
    assert not Link.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "https://uo.example/login-form/?id=5",
        "https://uo.example/doc?password=&id=3",
        "https://uo.example/@mouo/plan.pdf",
        "https://uo.example/p.pdf#to=uo@mail.example",
    ],
)
def test_an_honest_address_is_not_taken_for_a_password(run, address):
    assert run.save(OWN, replace(GOOD, url=address)).reasons == ()


def look(run, *rows, today=DAY_DURING):
    return queries.forms.pasting_of(run.form, rows, law.profile("primorye-2025"), today=today)


def test_a_paste_is_looked_at_by_the_rules_of_the_form_line_by_line(run):
    run.save(OWN, replace(GOOD, comment=""))
    rows = [
        (OWN, replace(GOOD, row=3, url="не адрес", pages="7")),
        (OWN, LinkFacts(row=4)),
        ("1.1.2.1", replace(GOOD, row=9)),
        ("1.1.2.1", replace(GOOD, row=5, comment="пароль: 1")),
        ("9.9", replace(GOOD, row=6)),
    ]
    found = look(run, *rows)
    assert [(line, one.code.removeprefix("mechanisms.")) for line, one in found.said] == [
        (3, "url-wrong"),
        (3, "pages-beyond"),
        (5, "secret-in-comment"),
        (6, "not-in-criteria"),
        (9, "measure-unnamed"),
    ]
    assert "строка 3:" in found.said[0][1].sentence()
    assert [one.code for one in found.stops] == [
        "mechanisms.secret-in-comment",
        "mechanisms.not-in-criteria",
    ]
    assert Link.objects.count() == 1, "a look keeps nothing"


def test_a_look_at_a_paste_says_that_the_intake_is_over(run):
    assert [one.code for one in look(run, (OWN, GOOD), today=date(2026, 4, 1)).stops] == [
        "mechanisms.day-passed"
    ]


def test_a_line_with_a_code_alone_is_not_counted_as_a_link(run):
    assert paste(run, (OWN, LinkFacts(row=1)), ("1.1.2.1", replace(SHARED, row=2))) == 1
    assert list(Answer.objects.values_list("criterion__code", flat=True)) == ["1.1.2.1"]


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
