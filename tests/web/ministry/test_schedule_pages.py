"""The ministry's pages: draw up, load, approve, put off, set another day."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from booking.builders_booking import TEST_DAY, a_booking, a_schedule, a_session
from builders import NOW
from merilo.booking.imports import HEADINGS
from merilo.booking.models import Booking, Schedule, TestSession
from merilo.booking.rules import BookingState, ScheduleState, SessionState


@pytest.fixture
def ministry(client, region, hold_clock):
    hold_clock(NOW)
    client.force_login(region.accounts["ministry"])
    return client


def text(response) -> str:
    return " ".join(response.content.decode().split())


def a_day(region, **fields):
    return {
        "place": region.place.pk,
        "held_on": "10.04.2026",
        "starts_at": "10:00",
        "grades": ["1", "2"],
        "capacity": "12",
        "results_official_on": "24.04.2026",
    } | fields


def test_a_schedule_is_made_filled_and_approved(ministry, region):
    answer = ministry.post(reverse("schedules"), {"title": "Весна", "year": 2026}, follow=True)
    schedule = Schedule.objects.get()
    assert "Расписание создано" in text(answer)

    url = reverse("schedules-add", args=[schedule.pk])
    assert ministry.get(url).status_code == 200
    answer = ministry.post(url, a_day(region), follow=True)
    assert "День добавлен" in text(answer)
    assert TestSession.objects.get().grades == [1, 2]

    url = reverse("schedules-one", args=[schedule.pk])
    said = text(ministry.post(url, {"do": "approve", "order_ref": "", "approved_on": ""}))
    assert "Обязательное поле" in said or "обязательн" in said.lower()
    answer = ministry.post(
        url,
        {"do": "approve", "order_ref": "№ 1 от 13.03.2026", "approved_on": "13.03.2026"},
        follow=True,
    )
    assert "Расписание утверждено" in text(answer)
    schedule.refresh_from_db()
    assert schedule.state == ScheduleState.APPROVED

    for do in ("published", "minpros"):
        answer = ministry.post(url, {"do": do, "on": "16.03.2026"}, follow=True)
        assert "Отмечено" in text(answer)
    home = text(ministry.get(reverse("home")))
    assert "Сообщить о расписании" not in home


def test_the_duty_of_a_schedule_opens_its_page(ministry, region):
    from merilo.booking import actions

    schedule = a_schedule(approved=False)
    a_session(region, schedule=schedule)
    actions.approve_schedule(
        schedule_id=schedule.pk,
        order_ref="№ 1",
        approved_on=date(2026, 3, 16),
        actor=region.viewer("ministry"),
        now=NOW,
    )
    said = text(ministry.get(reverse("home")))
    assert "Сообщить о расписании в Минпросвещения" in said
    assert reverse("schedules-one", args=[schedule.pk]) in said


def test_a_wrong_day_keeps_what_was_typed_and_names_everything(ministry, region):
    schedule = a_schedule(approved=False)
    said = text(
        ministry.post(
            reverse("schedules-add", args=[schedule.pk]),
            a_day(region, held_on="13.03.2026", capacity="0"),
        )
    )
    assert "Укажите день впереди" in said
    assert "не меньше одного" in said
    assert 'value="13.03.2026"' in said


def test_warnings_come_while_the_form_is_filled(ministry, region):
    said = text(
        ministry.post(
            reverse("schedules-check"),
            a_day(region, held_on="11.04.2026", capacity="99", results_official_on="14.04.2026"),
        )
    )
    assert "выходной или праздничный день" in said
    assert "рабочих мест в аудиториях" in said
    assert "срок апелляции может истечь" in said
    assert text(ministry.post(reverse("schedules-check"), {"held_on": "what"})) == ""


def test_a_day_is_postponed_and_its_people_get_another(ministry, region):
    booking = a_booking(region)
    url = reverse("schedules-day", args=[booking.session_id])
    said = text(ministry.post(url, {"do": "postpone", "reason": " "}))
    assert "Укажите техническую причину" in said

    said = text(ministry.post(url, {"do": "postpone", "reason": "авария"}, follow=True))
    assert "все записанные предупреждены" in said
    assert "Ждут новой даты: 1 человек" in said

    additional = reverse("schedules-additional", args=[booking.session.schedule_id])
    page = text(ministry.get(additional, {"replaces": booking.session_id}))
    assert "авария" in page
    answer = ministry.post(
        f"{additional}?replaces={booking.session_id}",
        a_day(region, held_on="14.04.2026", reason="авария"),
        follow=True,
    )
    assert "перенесён 1 человек" in text(answer)
    assert Booking.objects.get(state=BookingState.CONFIRMED).session.held_on == date(2026, 4, 14)

    answer = ministry.post(url, {"do": "minpros"}, follow=True)
    assert "Письмо отмечено" in text(answer)


def test_a_draft_day_is_changed_and_taken_out(ministry, region):
    session = a_session(region, schedule=a_schedule(approved=False))
    url = reverse("schedules-day", args=[session.pk])
    answer = ministry.post(url, a_day(region, do="edit", capacity="20"), follow=True)
    assert "День изменён" in text(answer)
    answer = ministry.post(url, {"do": "remove"}, follow=True)
    assert "День снят с расписания" in text(answer)
    session.refresh_from_db()
    assert (session.capacity, session.state) == (20, SessionState.CANCELLED)


def test_places_are_added_up_by_month_and_municipality(ministry, region):
    a_session(region, capacity=4, taken=4)
    said = text(ministry.get(reverse("schedules-capacity")))
    assert "Владивостокский" in said
    assert "из 4, 1 день" in said
    assert ministry.get(reverse("schedules-capacity"), {"format": "xlsx"}).status_code == 200


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_days_of_a_schedule_are_listed_in_the_same_few_queries(
    ministry, region, count, django_assert_max_num_queries
):
    from datetime import timedelta

    for n in range(count):
        a_session(region, TEST_DAY + timedelta(days=n))
    url = reverse("schedules-one", args=[Schedule.objects.get().pk])
    ministry.get(url)
    with django_assert_max_num_queries(12):
        ministry.get(url)


@pytest.mark.parametrize("who", ["school", "testing_org", "mouo", "rcoi", "auditor"])
def test_nobody_else_opens_them(client, region, hold_clock, who):
    hold_clock(NOW)
    schedule = a_schedule()
    client.force_login(region.accounts[who])
    for name, args in (("schedules", []), ("schedules-one", [schedule.pk])):
        assert client.get(reverse(name, args=args)).status_code == 403


# --- a table -------------------------------------------------------------------------------------


def a_table(*rows, headings=HEADINGS) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate((headings, *rows)):
            for place, cell in enumerate(row):
                sheet.write(line, place, cell)
    return out.getvalue()


GOOD = ("Гимназия № 1", "", "10.04.2026", "10:00", "1, 3–5", 12, "24.04.2026")


def load(ministry, content, *, do="check", name="days.xlsx"):
    schedule = Schedule.objects.first() or a_schedule(approved=False)
    return ministry.post(
        reverse("schedules-import", args=[schedule.pk]),
        {"do": do, "table": SimpleUploadedFile(name, content)},
        follow=True,
    )


def test_a_trial_writes_nothing_and_the_second_press_writes(ministry, region):
    said = text(load(ministry, a_table(GOOD)))
    assert "Ошибок нет" in said
    assert not TestSession.objects.exists()

    said = text(load(ministry, a_table(GOOD), do="write"))
    assert "Добавлено дней: 1" in said
    session = TestSession.objects.get()
    assert (session.grades, session.capacity) == ([1, 3, 4, 5], 12)


def test_all_mistakes_of_all_rows_are_told_and_nothing_is_half_written(ministry, region):
    said = text(
        load(
            ministry,
            a_table(
                GOOD,
                ("Нет такой", "", "31.02.2026", "25:00", "0, 12", -3, "вчера"),
                GOOD,
                ("001", "ППТ другой", "10.03.2026", "9.30", "2", 5, ""),
                ("", "", "", "", "", "", ""),
            ),
            do="write",
        )
    )
    assert not TestSession.objects.exists()
    assert "Строк с ошибками: 3 из 4" in said
    for sentence in (
        "Нет тестирующей организации «Нет такой»",
        "«31.02.2026» — такого дня нет",
        "«25:00» — такого времени нет",
        "пишите классы от 1 до 11",
        "нужно целое число от 1 до 2000",
        "«вчера» — такого дня нет",
        "То же место и время, что в строке 2",
        "нет пункта «ППТ другой»",
    ):
        assert sentence in said, sentence


def test_a_csv_in_the_old_encoding_is_read(ministry, region):
    lines = [";".join(HEADINGS), ";".join(str(cell) for cell in GOOD)]
    content = "\r\n".join(lines).replace("–", "-").encode("cp1251")
    assert "Ошибок нет" in text(load(ministry, content, name="days.csv"))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("days.xlsx", b"PK\x03\x04 broken", "не похож на таблицу"),
        ("days.xlsx", b"\x00\x01\x02binary", "не похож на таблицу"),
        ("days.csv", b"one;two\n1;2\n", "Не хватает столбцов"),
        ("days.xlsx", a_table(), "нет строк с данными"),
        (
            "days.xlsx",
            a_table(GOOD, headings=HEADINGS[:-1]),
            "Не хватает столбцов: Дата результатов",
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(ministry, region, name, content, sentence):
    assert sentence in text(load(ministry, content, name=name))


def test_a_zip_bomb_is_not_unpacked(ministry, region, monkeypatch):
    from merilo.foundation import tables

    monkeypatch.setattr(tables, "UNPACKED", 100)
    assert "при распаковке слишком велик" in text(load(ministry, a_table(GOOD)))


def test_the_empty_template_has_the_headings_that_are_read(ministry, region):
    answer = ministry.get(reverse("schedules-template"))
    assert "нет строк с данными" in text(load(ministry, answer.content))
