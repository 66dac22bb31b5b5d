"""`merilo bench road`: how fast the main pages and acts are on many cases, and seats under a rush."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client

from merilo.admissions import actions as admissions
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, Channel, DocumentKind, DocumentState
from merilo.booking import actions as booking
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import InPerson
from merilo.demo.region import World
from merilo.law import Refused
from merilo.materials.models import ReserveKit
from merilo.registry.access import Viewer
from merilo.registry.models import Account

READ_BUDGET = (50, 150)  # ms, p50 and p95
WRITE_BUDGET = (100, 300)


@dataclass(frozen=True)
class Timing:
    """One page or act: its times in milliseconds, and the budget it has.

    `work` is the time of the processor in this process alone: on a machine that is busy with other
    things the clock on the wall says little, and this still compares.
    """

    name: str
    times: tuple[float, ...]
    budget: tuple[int, int]
    work: tuple[float, ...] = ()

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return sorted(self.times)[max(0, round(0.95 * len(self.times)) - 1)]

    @property
    def worked(self) -> float:
        return statistics.median(self.work)

    @property
    def fits(self) -> bool:
        return self.p50 <= self.budget[0] and self.p95 <= self.budget[1]


def timed(name: str, act: Callable[[int], Any], *, rounds: int, budget: tuple[int, int]) -> Timing:
    act(0)  # templates, plans and calendars are read once in the life of a process
    times, work = [], []
    for number in range(1, rounds + 1):
        began, worked = time.perf_counter(), time.process_time()
        act(number)
        times.append(1000 * (time.perf_counter() - began))
        work.append(1000 * (time.process_time() - worked))
    return Timing(name, tuple(times), budget, tuple(work))


def _client(login: str) -> Client:
    account = Account.objects.get(login=login)
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    client = Client(headers={"host": "localhost"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def pages(world: World, rounds: int) -> list[Timing]:
    """The main pages, each by the role that lives on it, on cases spread over the table."""
    school, testing, ministry = _client("school"), _client("testing"), _client("ministry")
    mine = list(
        Application.objects.filter(school=world.main_school).values_list("pk", flat=True)[:400]
    )
    numbers = list(
        Referral.objects.filter(
            testing_org=world.centres[0].organisation, state="delivered"
        ).values_list("number", flat=True)[:400]
    )

    def get(client: Client, path: Callable[[int], str]) -> Callable[[int], None]:
        def act(number: int) -> None:
            response = client.get(path(number))
            if response.status_code not in (200, 302):
                raise RuntimeError(f"{path(number)} answered {response.status_code}")

        return act

    table = [
        ("Мои дела (школа)", school, lambda n: "/"),
        ("Заявления", school, lambda n: "/applications/"),
        (
            "Заявления, фильтр и страница 3",
            school,
            lambda n: "/applications/?state=enrolled&page=3",
        ),
        ("Дело", school, lambda n: f"/applications/{mine[n % len(mine)]}/"),
        (
            "Запись: поиск направления",
            testing,
            lambda n: f"/booking/?number={numbers[n % len(numbers)]}",
        ),
        ("Расписание", school, lambda n: "/schedule/"),
        ("Дни тестирования", testing, lambda n: "/days/"),
        ("Результаты", testing, lambda n: "/results/"),
        ("Переданные сведения", testing, lambda n: "/exchange/"),
        ("Журнал", ministry, lambda n: "/journal/"),
        ("Обзор края", ministry, lambda n: "/overview/"),
    ]
    return [
        timed(name, get(client, path), rounds=rounds, budget=READ_BUDGET)
        for name, client, path in table
    ]


def acts(world: World, rounds: int, now: datetime) -> list[Timing]:
    """The main acts, called as the pages call them."""
    clerk = world.schools[world.main_school.pk]
    checking = list(
        Application.objects.filter(
            school=world.main_school, state=ApplicationState.COMPLETENESS_CHECK
        ).values_list("pk", flat=True)[: rounds + 1]
    )

    def register(number: int) -> None:
        admissions.register_application(
            actor=clerk,
            now=now,
            child=admissions.NewPerson(
                f"Новый{number}", "Ребёнок", birth_date=date(2016, 5, 4), citizenship="Узбекистан",
                id_doc_number=f"BB {number}",
            ),
            representative=admissions.NewPerson("Новый", "Родитель", citizenship="Узбекистан"),
            grade=3,
            channel=Channel.EPGU,
            submitted_on=now.date(),
            consent_to_test=True,
            notify_email="bench@bench.example",
        )  # fmt: skip

    def mark(number: int) -> None:
        admissions.mark_documents(
            application_id=checking[number % len(checking)],
            marks=[
                admissions.DocumentMark(DocumentKind.KINSHIP, DocumentState.ACCEPTED),
                admissions.DocumentMark(
                    DocumentKind.MEDICAL, DocumentState.INVALID, comment=f"нет печати {number}"
                ),
            ],
            actor=clerk,
            now=now,
        )

    seats = _referrals_to_book(world, rounds + 1)
    session = _open_session(world, now, 10_000)

    def seat(number: int) -> None:
        _book(world.centres[0].clerk, seats[number], session, now)

    return [
        timed("Зарегистрировать заявление", register, rounds=rounds, budget=WRITE_BUDGET),
        timed("Отметить документы", mark, rounds=rounds, budget=WRITE_BUDGET),
        timed("Записать на тестирование", seat, rounds=rounds, budget=WRITE_BUDGET),
    ]


def _referrals_to_book(world: World, many: int) -> list[int]:
    found = list(
        Referral.objects.filter(
            testing_org=world.centres[0].organisation, state="delivered", bookings=None
        ).values_list("pk", flat=True)[:many]
    )
    if len(found) < many:
        raise RuntimeError(f"only {len(found)} referrals to book: load more cases")
    return found


def _open_session(world: World, now: datetime, capacity: int) -> int:
    session = (
        TestSession.objects.filter(
            testing_org=world.centres[0].organisation,
            held_on__gt=now.date() + timedelta(days=16),
        )
        .order_by("held_on")
        .first()
    )
    TestSession.objects.filter(pk=session.pk).update(capacity=session.taken + capacity)
    for grade in range(1, 12):  # seats are what is measured, not the month's materials
        ReserveKit.objects.update_or_create(
            testing_org=session.testing_org, grade=grade, defaults={"free": 30_000}
        )
    return session.pk


def _book(clerk: Viewer, referral_id: int, session_id: int, now: datetime) -> bool:
    try:
        booking.book(
            referral_id=referral_id,
            session_id=session_id,
            in_person=InPerson.REPRESENTATIVE,
            identity_document="паспорт",
            actor=clerk,
            now=now,
        )
    except Refused as refused:
        if "booking.session-full" not in {one.code for one in refused.refusals}:
            raise
        return False
    return True


@dataclass(frozen=True)
class Rush:
    """Parallel clients at one session: seats, tries, who got one, and how fast."""

    clients: int
    tries: int
    seats: int
    won: int
    seconds: float
    taken: int
    live: int

    @property
    def a_minute(self) -> float:
        return 60 * self.won / self.seconds

    @property
    def oversold(self) -> int:
        return max(0, self.live - self.seats)


def rush(world: World, now: datetime, *, clients: int, tries: int, seats: int) -> Rush:
    """So many clients, each a process of its own, want the seats of one session at once."""
    referrals = _referrals_to_book(world, tries)
    session_id = _open_session(world, now, seats)
    before = Booking.objects.filter(session_id=session_id, state="confirmed").count()
    clerk = world.centres[0].clerk
    connection.close()
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(clients + 1), context.Queue()

    def client(mine: list[int]) -> None:
        connection.ensure_connection()
        start.wait()
        won = sum(_book(clerk, referral_id, session_id, now) for referral_id in mine)
        results.put(won)
        connection.close()

    hands = [
        context.Process(target=client, args=(referrals[number::clients],))
        for number in range(clients)
    ]
    for hand in hands:
        hand.start()
    start.wait()
    began = time.perf_counter()
    won = sum(results.get() for _ in hands)
    seconds = time.perf_counter() - began
    for hand in hands:
        hand.join()
    session = TestSession.objects.get(pk=session_id)
    live = Booking.objects.filter(session_id=session_id, state="confirmed").count() - before
    return Rush(clients, tries, seats, won, seconds, session.taken, live)
