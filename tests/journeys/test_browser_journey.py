"""One child's road through the real pages in a real browser: from the school's form to the printed
notice. Each person signs in at the door and finds his work in «Мои дела» or the menu."""

from __future__ import annotations

import re
from typing import Any

import pytest

from documents.paper_reading import pdf_text
from journeys.builders_road import CHILD, PARENT, Road, a_second_clerk, vl
from merilo.admissions.models import Application
from merilo.booking.models import Booking
from merilo.casework.models import Notice
from merilo.foundation import clock
from merilo.foundation.journal import recording
from merilo.foundation.journal.models import JournalEntry
from merilo.results.models import Result
from merilo.testday.models import Attempt
from web.browsing import a_browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

CHILD_FORM = {
    "channel": "EPGU",
    "submitted_on": "16.03.2026",
    "grade": "1",
    "category": "GENERAL",
    "last_name": CHILD,
    "first_name": "Тимур",
    "birth_date": "20.05.2018",
    "citizenship": "Узбекистан",
    "id_doc_type": "паспорт",
    "id_doc_number": "AA 7654321",
    "parent_last_name": PARENT,
    "parent_first_name": "Дилноза",
    "notify_email": "parent@example.org",
    "notify_address": "г. Владивосток, ул. Лесная, 1",
    "provided": "every",
    "consent_to_test": True,
}


@pytest.fixture(autouse=True)
def pages_and_database_in_one_thread(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


class Person:
    """Somebody at his own computer, signed in by password."""

    def __init__(self, browser: Any, address: str, login: str):
        context = browser.new_context(
            viewport={"width": 1280, "height": 800}, locale="ru-RU", base_url=address,
            timezone_id="Asia/Vladivostok",
        )  # fmt: skip
        self.tab = context.new_page()
        self.tab.set_default_timeout(60_000)
        self.wrong: list[str] = []
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.tab.on("console", lambda said: self._heard(said.text))
        self.tab.goto("/")
        self.fill({"login": login, "password": "pass-word-1"})
        self.press("Войти")
        self.tab.wait_for_url(address + "/")

    def _heard(self, text: str) -> None:
        if "Security Policy" in text:
            self.wrong.append(text)

    def go(self, path: str) -> Person:
        self.tab.goto(path)
        return self

    def press(self, words: Any, *, then: str = "") -> None:
        """Press a button; `then` presses the button of the question that follows."""
        button = self.tab.get_by_role("button", name=words).first
        if then:
            button.click()
            button = self.tab.locator("dialog[open]").get_by_role("button", name=then)
        with self.tab.expect_navigation(timeout=60_000):
            button.click()

    def fill(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            field = self.tab.locator(f'[name="{name}"]:not([type=hidden])')
            kind = field.first.evaluate("e => e.type || e.tagName")
            if kind == "radio":
                self.tab.locator(f'[name="{name}"][value="{value}"]').check(force=True)
            elif kind == "checkbox":
                for box in field.all():
                    box.check(force=True)
            elif kind.startswith("select"):
                field.first.select_option(value)
            else:
                field.first.fill(value)

    def reads(self, words: str) -> None:
        assert words in self.tab.inner_text("main"), (words, self.tab.inner_text("main")[:1500])


def first_real_option(person: Person, name: str) -> str:
    """The first choice of a list that means something."""
    return person.tab.locator(f'[name="{name}"]').first.evaluate(
        "e => e.options ? [...e.options].find(o => o.value).value : e.value"
    )


def test_a_child_walks_the_whole_road(region, live_server, hold_clock):
    a_second_clerk(region)
    road = Road(region, grade=1)
    road.schedule_approved()
    with a_browser() as browser:
        people = {}

        def at(moment, login: str) -> Person:
            clock.freeze(moment)
            if login not in people:
                people[login] = Person(browser, live_server.url, login)
            return people[login]

        school_admits(at(vl(3, 16), "school"))
        road.application = Application.objects.get()
        road.referral = road.application.referrals.get()
        organisation_books(at(vl(3, 17), "testing_org"), road)
        road.booking = Booking.objects.get()
        road.day_opened()
        road.day_staffed()
        day = f"/days/{road.day.pk}/"
        child_is_received(at(vl(4, 10, 8, 30), "testing_org"), day, at)
        chair_holds_the_day(day, at)
        road.attempt = Attempt.objects.get()
        road.run_jobs(vl(4, 10, 13, 5))
        expert_marks(at(vl(4, 10, 14), "expert"))
        chair = at(vl(4, 10, 16), "chair").go(f"/results/days/{road.day.pk}/")
        chair.press("Свести готовые (1)", then="Свести")
        road.result = Result.objects.get()
        assert (road.result.total, road.result.passed) == (10, True)
        second = at(vl(4, 13), "testing_org_2").go(f"/results/days/{road.day.pk}/release/")
        for box in second.tab.locator("tbody input[type=checkbox]").all():
            box.check(force=True)
        second.press("Личность сверена, передать", then="Передать")
        school_tells_the_parent(at(vl(4, 14), "school"), road)
        assert {login: person.wrong for login, person in people.items() if person.wrong} == {}
    road.run_jobs(vl(4, 14, 10, 5))
    assert Notice.objects.get(template="result").state == "sent"
    assert list(recording.verify()) == []
    assert JournalEntry.objects.filter(event="access.signed-in").count() == len(people)


def school_admits(school: Person) -> None:
    school.go("/applications/new/")
    school.fill(CHILD_FORM)
    school.press("Зарегистрировать")
    for field in school.tab.locator("select[name^=state_]").all():
        field.select_option("accepted")
    school.press("Комплект полный")
    school.reads("Реестр контролируемых лиц")
    school.fill({"outcome": "clear"})
    school.press("Отметить проверку")
    school.press("Выдать направление")
    school.reads("Направление №")
    school.fill({"received_on": "16.03.2026", "evidence": "signature"})
    school.press("Отметить вручение")
    school.reads("Записаться")


def organisation_books(clerk: Person, road: Road) -> None:
    clerk.go("/booking/")
    clerk.fill({"number": road.referral.number})
    clerk.press("Найти направление")
    clerk.fill({"session": str(road.session.pk), "in_person": "representative"})
    clerk.fill({"identity_document": "паспорт"})
    assert CHILD not in clerk.tab.inner_text("main")
    clerk.press("Записать")
    assert Booking.objects.count() == 1


def child_is_received(clerk: Person, day: str, at: Any) -> None:
    clerk.go(day)
    while clerk.tab.get_by_role("button", name=re.compile("^Готово")).count():
        clerk.press("Готово")
    for box in clerk.tab.locator("[name=present]").all():
        box.check(force=True)
    clerk.press("Отметить присутствие")
    at(vl(4, 10, 9, 30), "testing_org").go(f"{day}check-in/")
    clerk.tab.get_by_role("link", name=re.compile("^Принять")).first.click()
    for name in ("child_document", "representative_document"):
        clerk.fill({name: first_real_option(clerk, name)})
    clerk.press("Допустить")
    clerk.tab.wait_for_selector(".checkin.green")
    assert Attempt.objects.get().code == "00102501"


def chair_holds_the_day(day: str, at: Any) -> None:
    chair = at(vl(4, 10, 9, 50), "chair").go(day)
    chair.press("Провести")
    at(vl(4, 10, 10), "chair").go(day)
    chair.press("Начать тестирование", then="Начать")
    chair.go(f"{day}rooms/")
    chair.press(re.compile("^Начать 001"))
    at(vl(4, 10, 10, 15), "chair").go(f"{day}rooms/")
    chair.press(re.compile("^Закончил 001"))
    at(vl(4, 10, 13), "chair").go(f"{day}finish/")
    chair.fill({"materials_collected": True})
    if chair.tab.locator("[name=cards_without_name]").count():
        chair.fill({"cards_without_name": "0"})
    chair.press("Завершить день")
    chair.go(f"{day}finish/").reads("Документы дня")


def expert_marks(expert: Person) -> None:
    expert.go("/marking/")
    expert.press("Следующая работа")
    expert.tab.wait_for_selector("form[data-marking]")
    assert CHILD not in expert.tab.content()
    for key in "1111111111" + "10":
        expert.tab.keyboard.press(key)
    expert.tab.keyboard.press("Enter")
    expert.tab.wait_for_url("**/marking/", timeout=60_000)
    expert.reads("Проверено всё")


def school_tells_the_parent(school: Person, road: Road) -> None:
    school.go(f"/results/{road.result.pk}/").reads("10")
    school.tab.get_by_role("link", name="Сообщить родителю").click()
    school.fill({"how": "email"})
    school.press("Сообщить")
    school.reads("сообщено")
    with school.tab.expect_download() as download:
        school.tab.evaluate(
            "path => { const a = document.createElement('a'); a.href = path; a.download = '';"
            " document.body.append(a); a.click(); }",
            f"/results/{road.result.pk}/notice.pdf",
        )
    with open(download.value.path(), "rb") as file:
        text = pdf_text(file.read())
    assert CHILD in text and "Общее количество ПБ (из 10) 10" in text
