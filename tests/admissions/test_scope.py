"""T50: the list, the search, the export, the case and the API of one person show one and the same."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.urls import reverse

from admissions.builders_admissions import (
    a_child,
    a_delivered_referral,
    a_referral,
    an_application,
)
from builders import NOW, TODAY
from merilo.admissions import actions, queries
from merilo.admissions.models import Application, Referral
from merilo.foundation.journal.models import JournalEntry

pytestmark = pytest.mark.django_db

# What each may see of: own (025, referred), plain (025), other (026), far (303, referred),
# revoked (025, referral taken back).
EXPECTED = {
    "school": {"own", "plain", "revoked"},
    "other_school": {"other"},
    "far_school": {"far"},
    "testing_org": {"own", "far"},
    "chair": {"own", "far"},
    "mouo": {"own", "plain", "other", "revoked"},
    "other_mouo": {"far"},
    "ministry": {"own", "plain", "other", "far", "revoked"},
    "auditor": {"own", "plain", "other", "far", "revoked"},
    "admin": {"own", "plain", "other", "far", "revoked"},
    "rcoi": set(),
}


@pytest.fixture
def world(region):
    def child(n: int) -> dict:
        return {"last_name": "Каримов", "first_name": f"Имя{n}", "id_doc_number": f"AA {n}"}

    cases = {
        "own": a_delivered_referral(region, child=child(1)).application,
        "plain": an_application(region, child=child(2)),
        "other": an_application(region, who="other_school", child=child(3)),
        "far": a_referral(region, who="far_school", child=child(4)).application,
        "revoked": a_referral(region, child=child(5)).application,
    }
    actions.revoke_referral(
        application_id=cases["revoked"].pk, actor=region.viewer("school"), now=NOW, note="ошибка"
    )
    return region, {name: Application.objects.get(pk=case.pk) for name, case in cases.items()}


def names(cases, rows) -> set[str]:
    by_pk = {case.pk: name for name, case in cases.items()}
    return {by_pk[row.pk] for row in rows}


@pytest.mark.parametrize("who", EXPECTED)
def test_every_reading_has_the_same_scope(world, who):
    region, cases = world
    viewer, expected = region.viewer(who), EXPECTED[who]
    wanted = queries.ListFilter()
    assert names(cases, queries.applications_visible_to(viewer)) == expected
    assert names(cases, queries.applications_list(viewer, wanted, today=TODAY)) == expected
    assert sum(queries.counters_by_state(viewer).values()) == len(expected)
    for name, case in cases.items():
        found = queries.search_by_number(viewer, case.number)
        assert names(cases, found) == ({name} & expected)
        if name in expected:
            assert queries.case_of(viewer, case.pk).pk == case.pk
        else:
            with pytest.raises(Application.DoesNotExist):
                queries.case_of(viewer, case.pk)
            assert queries.referral_of(viewer, case.pk) is None


@pytest.mark.parametrize("who", EXPECTED)
def test_pages_and_the_export_keep_to_it(world, client, hold_clock, who):
    region, cases = world
    hold_clock(NOW)
    client.force_login(region.accounts[who])
    expected = EXPECTED[who]
    answer = client.get(reverse("applications"), {"state": "all"})
    if who == "rcoi":
        assert answer.status_code == 403
        return
    page = answer.content.decode()
    shown = {name for name, case in cases.items() if f">{case.number}</a>" in page}
    assert shown == expected
    book = client.get(reverse("applications"), {"state": "all", "format": "xlsx"}).content
    text = "".join(
        zipfile.ZipFile(io.BytesIO(book)).read(name).decode("utf-8", "ignore")
        for name in zipfile.ZipFile(io.BytesIO(book)).namelist()
    )
    assert {name for name, case in cases.items() if case.number in text} == expected
    for name, case in cases.items():
        status = client.get(reverse("application", args=[case.pk])).status_code
        assert status == (200 if name in expected else 404), name


def test_a_name_is_searched_only_by_those_who_may_read_it(world):
    region, cases = world
    found = {
        who: names(cases, queries.search_by_name(region.viewer(who), "Кари"))
        for who in ("school", "testing_org", "mouo", "ministry", "chair")
    }
    assert found == {
        "school": {"own", "plain", "revoked"},
        "testing_org": {"own", "far"},
        "mouo": {"own", "plain", "other", "revoked"},
        "ministry": set(),
        "chair": set(),
    }
    assert not queries.search_by_name(region.viewer("school"), "К").exists()


@pytest.mark.parametrize(
    ("who", "sees"),
    [("school", True), ("mouo", True), ("testing_org", False), ("ministry", False)],
)
def test_documents_are_read_by_the_school_and_the_mouo(world, client, hold_clock, who, sees):
    region, cases = world
    hold_clock(NOW)
    assert bool(queries.documents_visible(region.viewer(who), cases["own"])) is sees
    client.force_login(region.accounts[who])
    answer = client.get(reverse("application-documents", args=[cases["own"].pk]))
    assert answer.status_code == (200 if sees else 403)


def test_a_refused_page_is_noted_in_the_journal(world, client, hold_clock):
    region, cases = world
    hold_clock(NOW)
    client.force_login(region.accounts["mouo"])
    page = reverse("application-decision", args=[cases["own"].pk])
    assert client.post(page, {"do": "enrol"}).status_code == 403
    (entry,) = JournalEntry.objects.filter(event="access.denied")
    assert (entry.kind, entry.about) == ("denied", "page:application-decision")
    assert entry.organisation == region.mouo


def test_a_mouo_reads_documents_but_may_not_mark_them(world, client, hold_clock):
    region, cases = world
    hold_clock(NOW)
    client.force_login(region.accounts["mouo"])
    application = cases["plain"]
    data = {f"state_{d.kind}": "accepted" for d in application.documents.all()}
    page = reverse("application-documents", args=[application.pk])
    assert client.post(page, data).status_code == 403
    assert not application.documents.filter(state="accepted").exists()


def test_possible_duplicates_give_numbers_and_never_names(world):
    region, cases = world
    alike = queries.possible_duplicates(a_child(id_doc_number="AA 3", last_name="Иной").facts())
    assert [(one.number, one.why) for one in alike] == [(cases["other"].number, "document")]
    assert "Каримов" not in repr(alike)


@pytest.mark.parametrize("many", [1, 3, 100])
def test_the_list_asks_the_same_number_of_questions_however_long(
    region, client, hold_clock, django_assert_num_queries, many
):
    hold_clock(NOW)
    first = a_delivered_referral(region).application
    rows = [
        Application(
            number=f"025-{n:04d}",
            school=region.school,
            child=first.child,
            channel="EPGU",
            submitted_on=TODAY,
            received_at=NOW,
            grade=2,
            category="GENERAL",
            consent_to_test=True,
            state="referred",
            state_since=NOW,
        )
        for n in range(2, many + 1)
    ]
    Application.objects.bulk_create(rows)
    Referral.objects.bulk_create(
        Referral(
            number=f"Н-025-{row.number}",
            application=row,
            testing_org=region.testing_org,
            grade=2,
            form="oral_written",
            issued_at=NOW,
            state="issued",
            state_since=NOW,
            qr_token=row.number,
        )
        for row in rows
    )
    client.force_login(region.accounts["school"])
    client.get(reverse("applications"))
    with django_assert_num_queries(LIST_QUERIES):
        answer = client.get(reverse("applications"))
    assert answer.content.decode().count("выдано направление</span>") == min(many, 50)


LIST_QUERIES = 7  # session, account, position, count, rows, counters, the menu's two counters
