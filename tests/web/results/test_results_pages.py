"""Pages of results: drawn, checked by a second person, sent, told; nobody sees more than his own."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from builders import NOW
from grading.builders_grading import LATER, a_day, an_attempt, marked
from merilo.casework.models import Dispatch, Notice
from merilo.foundation.journal.models import JournalEntry
from merilo.grading.models import MarkProtocol
from merilo.results.models import Result
from merilo.results.rules import ResultState
from merilo.testday import actions as testday
from merilo.testday.models import Attempt
from merilo.testday.rules import AttemptState
from results.builders_results import drawn, second_clerk, sent
from testday.builders_testday import a_day as a_test_day
from testday.builders_testday import at

pytestmark = pytest.mark.django_db

NAMES = ("Алиев", "Базаров", "Валиев", "Гафуров", "Даниев")


@pytest.fixture
def made(region, hold_clock):
    hold_clock(LATER)
    return a_day(region)


def as_(client: Client, made, who: str) -> Client:
    if who == "testing_org_2":
        second_clerk(made)
    client.force_login(made.region.accounts[who])
    return client


def text(answer) -> str:
    return answer.content.decode()


# --- drawing ---------------------------------------------------------------------------------


def test_the_page_of_a_day_shows_what_is_missing_and_draws_what_is_ready(made, client):
    ready = marked(an_attempt(made), made, oral=9)
    waits = an_attempt(made, 2)
    url = reverse("results-day", args=[made.day.pk])
    page = as_(client, made, "testing_org")
    html = text(page.get(url))
    assert ready.code in html and waits.code in html
    assert "протокола нет" in html
    html = text(page.post(url))
    assert "Сведён 1 результат" in html
    assert "Протокол не подписан экспертом" in html
    assert Result.objects.get().attempt_id == ready.pk


def test_the_link_of_a_duty_leads_to_the_day_and_draws_one_result(made, client):
    attempt = marked(an_attempt(made), made, oral=9)
    url = reverse("consolidate", args=[attempt.pk])
    page = as_(client, made, "testing_org")
    assert page.get(url).url == reverse("results-day", args=[made.day.pk])
    assert "Результат сведён" in text(page.post(url, follow=True))


def test_an_expert_does_not_see_the_sums_of_the_day_and_the_chair_does(made, client):
    marked(an_attempt(made), made, oral=9)
    url = reverse("results-day", args=[made.day.pk])
    assert as_(client, made, "expert").get(url).status_code == 404
    assert as_(client, made, "expert").get(reverse("results-days")).status_code == 200
    assert as_(client, made, "chair").get(url).status_code == 200


def test_a_result_taken_back_is_drawn_again_on_its_page(made, client):
    result = drawn(made, oral=9)
    page = as_(client, made, "testing_org")
    url = reverse("result-correct", args=[result.pk])
    answer = page.post(url, {"part": "oral", "explanation": "Перепутаны записи"}, follow=True)
    assert "Эксперт получил новую версию" in text(answer)
    assert "Свести заново" in text(answer)
    answer = page.post(reverse("result-again", args=[result.pk]), follow=True)
    assert "Протокол не подписан экспертом" in text(answer)
    assert MarkProtocol.objects.filter(attempt=result.attempt).count() == 2


# --- four eyes -------------------------------------------------------------------------------


def test_the_second_person_compares_names_and_every_showing_is_noted(made, client):
    result = drawn(made, oral=9, last_name="Каримов")
    an_attempt(made, last_name="Каримов", first_name="Рустам")
    page = as_(client, made, "testing_org_2")
    html = text(page.get(reverse("results-release", args=[made.day.pk])))
    person = result.attempt.person
    for shown in (person.full_name, person.id_doc_number, result.attempt.code, "однофамильцы"):
        assert shown in html
    assert "Каримов Рустам" in html
    noted = JournalEntry.objects.filter(event="person.viewed", about=f"result:{result.pk}")
    assert noted.count() == 1


def test_who_drew_the_result_has_nothing_to_tick(made, client):
    result = drawn(made, oral=9)
    url = reverse("results-release", args=[made.day.pk])
    page = as_(client, made, "testing_org")
    html = text(page.get(url))
    assert "Нужен второй сотрудник" in html
    assert f'value="{result.pk}"' not in html
    assert "не тот, кто его сводил" in text(page.post(url, {"ids": [result.pk]}))
    result.refresh_from_db()
    assert result.state == ResultState.CONSOLIDATED


def test_a_ticked_result_goes_to_school_and_mouo_and_an_unticked_one_stays(made, client):
    ticked, left = drawn(made, oral=9), drawn(made, oral=5)
    page = as_(client, made, "testing_org_2")
    url = reverse("results-release", args=[made.day.pk])
    assert "Ничего не отмечено" in text(page.post(url))
    html = text(page.post(url, {"ids": [ticked.pk]}, follow=True))
    assert "Передан 1 результат" in html
    ticked.refresh_from_db()
    left.refresh_from_db()
    assert (ticked.state, left.state) == (ResultState.RELEASED, ResultState.CONSOLIDATED)
    assert Dispatch.objects.count() == 2


# --- school ----------------------------------------------------------------------------------


def test_the_school_sees_why_a_test_failed_total_and_oral_apart(made, client):
    result = sent(made, 10, oral=8, written=13)
    html = text(as_(client, made, "school").get(reverse("result", args=[result.pk])))
    assert "Не пройдено" in html
    assert "Набрано 21 из 24, нужно не менее 22" in html
    assert "За устную часть набрано 8 из 10, нужно не менее 9" in html


def test_the_notice_is_printed_as_pdf_and_docx_and_noted(made, client):
    result = sent(made, 10, oral=10, written=13)
    page = as_(client, made, "school")
    pdf = page.get(reverse("result-notice", args=[result.pk]))
    assert pdf.content.startswith(b"%PDF") and "no-store" in pdf["Cache-Control"]
    assert page.get(reverse("result-notice", args=[result.pk]), {"form": "order"}).content[:4] == (
        b"%PDF"
    )
    assert page.get(reverse("result-notice-docx", args=[result.pk])).content[:2] == b"PK"
    assert page.get(reverse("result-extract", args=[result.pk])).content.startswith(b"%PDF")
    assert (
        JournalEntry.objects.filter(event="person.viewed", case_id=result.application_id).count()
        >= 4
    )


@pytest.mark.parametrize(
    ("grade", "oral", "written"), [(1, 9, None), (2, 9, 9), (7, 5, 3), (11, 10, 14)]
)
def test_every_grade_has_its_papers(made, client, grade, oral, written):
    result = sent(made, grade, oral=oral, written=written)
    page = as_(client, made, "school")
    for name in ("result-notice", "result-notice-docx", "result-extract"):
        assert page.get(reverse(name, args=[result.pk])).status_code == 200


def test_the_papers_of_an_annulled_attempt_hold_no_points(made, client):
    attempt = an_attempt(made)
    Attempt.objects.filter(pk=attempt.pk).update(
        state=AttemptState.ANNULLED,
        annulled_at=NOW,
        annulled_reason="F17_DEVICE",
        annulled_note="телефон",
    )
    from merilo.results import actions

    result = actions.consolidate(
        attempt_id=attempt.pk, actor=made.region.viewer("testing_org"), now=LATER
    )
    actions.release(
        result_id=result.pk, identity_confirmed=True, actor=second_clerk(made), now=LATER
    )
    page = as_(client, made, "school")
    assert page.get(reverse("result-notice", args=[result.pk])).status_code == 200
    html = text(page.get(reverse("result", args=[result.pk])))
    assert "Аннулировано" in html and "Баллы аннулированного участия не сообщаются" in html


def test_the_parent_is_told_by_email_with_the_notice_and_no_name_in_the_letter(made, client):
    result = sent(made, oral=9, last_name="Абдурахмонова")
    page = as_(client, made, "school")
    url = reverse("result-inform", args=[result.pk])
    assert "parent@example.org" in text(page.get(url))
    answer = page.post(url, {"how": "email", "on_portal": "on"}, follow=True)
    assert "родителю сообщено" in text(answer)
    letter = Notice.objects.get(template="result")
    assert "Абдурахмонова" not in letter.subject + letter.body
    assert letter.attachment.content_type == "application/pdf"
    result.refresh_from_db()
    assert (result.state, result.on_portal) == (ResultState.INFORMED, True)
    assert page.post(url, {"how": "email"}).status_code == 200
    assert Notice.objects.filter(template="result").count() == 1


# --- МОУО and РЦОИ ---------------------------------------------------------------------------


def test_the_mouo_passes_marked_results_to_rcoi(made, client):
    result = sent(made, oral=9)
    page = as_(client, made, "mouo")
    assert result.application.number in text(page.get(reverse("results"), {"todo": "on"}))
    answer = page.post(reverse("results-forward"), {"ids": [result.pk]}, follow=True)
    assert "Передан в РЦОИ 1 результат" in text(answer)
    assert result.application.number not in text(page.get(reverse("results"), {"todo": "on"}))
    assert "Ничего не отмечено" in text(page.post(reverse("results-forward"), follow=True))


def test_the_collecting_form_has_the_columns_the_region_chose(made, client):
    sent(made, 10, oral=9, written=13, last_name="Каримов")
    page = as_(client, made, "rcoi")
    url = reverse("column-map")
    assert "не официальная форма" in text(page.get(url))
    said = {
        "use_code": "1",
        "order_code": "2",
        "heading_code": "Код участника",
        "use_full_name": "1",
        "order_full_name": "1",
        "heading_full_name": "",
        "use_criteria": "1",
        "order_criteria": "3",
        "heading_criteria": "x",
    }
    assert page.post(url, said).url == url
    sheet = CalamineWorkbook.from_filelike(
        BytesIO(page.get(reverse("results-form")).content)
    ).get_sheet_by_index(0)
    rows = [[str(cell) for cell in row] for row in sheet.to_python()]
    heading = next(row for row in rows if "Код участника" in row)
    assert heading[:4] == ["ФИО", "Код участника", "Д1", "Д2"]
    assert len([cell for cell in heading if cell]) == 26
    assert any("Каримов" in row[0] for row in rows)
    assert any("её не заменяет" in " ".join(row) for row in rows)
    entry = JournalEntry.objects.get(event="result.exported")
    assert entry.facts["rows"] == 1 and "Каримов" not in str(entry.facts)


def form_lines(page, **asked) -> list[dict[str, str]]:
    content = page.get(reverse("results-form"), asked).content
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
    rows = [[str(cell) for cell in row] for row in sheet.to_python()]
    at = next(n for n, row in enumerate(rows) if "Итог участия" in row)
    lines = [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]]
    return [line for line in lines if line["Итог участия"]]


def test_the_collecting_form_accounts_for_every_child_booked_for_the_day(
    region, client, hold_clock
):
    """§9.2: whoever did not come, was not admitted, broke off or was annulled has a line."""
    day = a_test_day(region, people=[{"grade": 2, "last_name": name} for name in NAMES])
    came, gone, refused, stopped, annulled = day.bookings
    for one in (came, stopped, annulled):
        day.admit(one)
    day.make_ready()
    testday.brief(day_id=day.row.pk, actor=day.org, now=at(9, 50))
    testday.start_day(day_id=day.row.pk, actor=day.org, now=at(10))
    testday.no_show(booking_id=gone.pk, actor=day.org, now=at(11))
    testday.refuse_admission(
        booking_id=refused.pk, why="parent-absent", note="Один", actor=day.org, now=at(11)
    )
    testday.close_refused(booking_id=refused.pk, actor=day.org, now=at(11))
    testday.interrupt(
        attempt_id=stopped.attempt.pk, technical=False, note="Ушёл", actor=day.org, now=at(11)
    )
    testday.annul(
        attempt_id=annulled.attempt.pk,
        reason_code="F17_DEVICE",
        note="Телефон",
        actor=day.chair,
        now=at(11),
    )
    hold_clock(at(12))
    for who in ("testing_org", "mouo", "rcoi"):
        client.force_login(region.accounts[who])
        said = {
            line["ФИО"].split()[0]: [
                line[key] for key in ("Неявка", "Не допущен", "Прервано", "Аннулирован")
            ]
            + [line["Итог участия"]]
            for line in form_lines(client)
        }
        absent = "родитель (законный представитель) не пришёл"
        broken = "прервано по личным причинам"
        assert said == {
            "Алиев": ["нет", "нет", "нет", "нет", "результата ещё нет"],
            "Базаров": ["да", "нет", "нет", "нет", "неявка"],
            "Валиев": ["нет", absent, "нет", "нет", f"не допущен: {absent}"],
            "Гафуров": ["нет", "нет", broken, "нет", broken],
            "Даниев": ["нет", "нет", "нет", "да", "результат аннулирован"],
        }, who
    client.force_login(region.accounts["rcoi"])
    assert form_lines(client, grade="3") == [] and form_lines(client, outcome="passed") == []
    number = gone.referral.application.number
    assert [line["Неявка"] for line in form_lines(client, number=number)] == ["да"]
    client.force_login(region.accounts["other_mouo"])
    assert form_lines(client) == []


def test_a_form_without_columns_is_refused(made, client):
    page = as_(client, made, "rcoi")
    assert "не осталось ни одного столбца" in text(page.post(reverse("column-map"), {}))


# --- scope -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["school", "mouo", "rcoi", "ministry", "auditor", "testing_org"])
def test_no_list_and_no_page_of_a_result_shows_a_name(made, client, who):
    result = sent(made, oral=9, last_name="Абдурахмонова", first_name="Гулшан")
    page = as_(client, made, who)
    for url in (reverse("results"), reverse("result", args=[result.pk])):
        html = text(page.get(url))
        assert result.application.number in html
        assert "Абдурахмонова" not in html and "Гулшан" not in html


@pytest.mark.parametrize("who", ["other_school", "far_school", "other_mouo"])
def test_tc125_a_foreign_result_is_not_there(made, client, who):
    result = sent(made, oral=9)
    page = as_(client, made, who)
    assert result.application.number not in text(page.get(reverse("results")))
    assert page.get(reverse("result", args=[result.pk])).status_code == 404


def test_a_result_not_sent_yet_is_not_there_for_the_school(made, client):
    result = drawn(made, oral=9)
    page = as_(client, made, "school")
    assert page.get(reverse("result", args=[result.pk])).status_code == 404
    for who in ("school", "testing_org"):
        page = as_(client, made, who)
        assert page.get(reverse("result-notice", args=[result.pk])).status_code == 404


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("expert", "results"),
        ("school", "results-days"),
        ("mouo", "column-map"),
        ("school", "results-form"),
        ("ministry", "column-map"),
        ("auditor", "results-form"),
    ],
)
def test_tc125_what_a_role_may_not_do_is_denied_and_noted(made, client, who, name):
    page = as_(client, made, who)
    assert page.get(reverse(name)).status_code == 403
    assert JournalEntry.objects.filter(event="access.denied").count() == 1


@pytest.mark.parametrize("who", ["mouo", "rcoi", "ministry", "auditor"])
def test_papers_with_names_are_for_the_school_and_the_testing_organisation(made, client, who):
    result = sent(made, oral=9)
    page = as_(client, made, who)
    protocol = MarkProtocol.objects.get()
    for url in (
        reverse("result-notice", args=[result.pk]),
        reverse("result-extract", args=[result.pk]),
        reverse("protocol-paper", args=[protocol.pk]),
    ):
        assert page.get(url).status_code == 403


def test_the_protocol_of_marking_is_printed_with_the_name_for_the_organisation_only(made, client):
    drawn(made, oral=9)
    url = reverse("protocol-paper", args=[MarkProtocol.objects.get().pk])
    assert as_(client, made, "testing_org").get(url).content.startswith(b"%PDF")
    assert JournalEntry.objects.filter(event="person.viewed").count() == 1
    assert as_(client, made, "expert").get(url).status_code == 403


# --- lists -----------------------------------------------------------------------------------


def test_filters_find_by_number_code_outcome_and_day(made, client):
    good, bad = sent(made, oral=9), sent(made, oral=5)
    page = as_(client, made, "school")

    def found(**said) -> set[str]:
        html = text(page.get(reverse("results"), said))
        numbers = (good.application.number, bad.application.number)
        return {number for number in numbers if number in html}

    assert found(outcome="passed") == {good.application.number}
    assert found(outcome="failed") == {bad.application.number}
    assert found(number=bad.attempt.code) == {bad.application.number}
    assert found(since="17.03.2026") == set()
    assert found(grade="2", outcome="%%%", since="чепуха") == set()
    answer = page.get(reverse("results"), {"format": "xlsx"})
    assert answer.content[:2] == b"PK"


@pytest.mark.parametrize("who", ["school", "testing_org", "mouo"])
def test_the_list_asks_the_database_as_much_for_a_hundred_results_as_for_one(made, client, who):
    result = sent(made, oral=9)
    page = as_(client, made, who)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert page.get(reverse("results")).status_code == 200
        return len(seen)

    counts = [asked()]
    for total in (3, 100):
        copies(made, result, total)
        counts.append(asked())
    assert len(set(counts)) == 1, counts


def copies(made, result: Result, total: int) -> None:
    """More results like this one, with their dispatches, written straight into the tables."""
    while (have := Result.objects.count()) < total:
        attempt = an_attempt(made)
        row = Result.objects.get(pk=result.pk)
        row.pk, row.attempt, row.application = None, attempt, attempt.application
        row.commission_protocol = f"{have}/2026"
        row.save(force_insert=True)
        for dispatch in Dispatch.objects.filter(about=f"result:{result.pk}"):
            dispatch.pk, dispatch.about = None, f"result:{row.pk}"
            dispatch.save(force_insert=True)
