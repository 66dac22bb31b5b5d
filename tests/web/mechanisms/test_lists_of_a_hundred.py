"""Lists of МУМ ask the database as often for a hundred rows as for three."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api.builders_api import System, a_token
from builders import NOW, OPENED, an_organisation, put
from mechanisms.builders_expertise import LATER, Run, everything_scored, in_expertise
from mechanisms.builders_mechanisms import DURING, a_run, position
from merilo.mechanisms.actions import mapping, objecting
from merilo.mechanisms.models import Appointment, Cycle, Link, Objection, Submission
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.mechanisms.rules.tree import Component, Edition, Kind, Node, Shape, Special
from merilo.registry.models import Territory
from merilo.registry.rules import Function, TerritoryKind

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = (1, 3, 100)


@pytest.fixture
def scored_run(region, hold_clock) -> Run:
    """Objections are open; the second municipality has taken no part: one row of everything."""
    hold_clock(LATER)
    run = everything_scored(in_expertise(region))
    objecting.open_objections(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=LATER)
    return run


class Newcomers:
    """More and more municipalities whose materials are in the cycle of the run."""

    def __init__(self, run: Run, state: SubmissionState):
        self.run, self.state, self.there = run, state, 0

    def more(self, count: int) -> list[Submission]:
        return [self._one() for _number in range(count)]

    def _one(self) -> Submission:
        self.there += 1
        of = self.run.region
        territory = Territory.objects.create(
            code=f"25-9{self.there:03d}", name=f"Муниципалитет {self.there}",
            parent=of.mouo.territory.parent, kind=TerritoryKind.MUNICIPAL_OKRUG,
            valid_from=OPENED,
        )  # fmt: skip
        mouo = an_organisation(f"МОУО {self.there}", territory, of.ministry, Function.MOUO)
        return Submission.objects.create(
            cycle=self.run.cycle, organisation=mouo, territory=territory, state=self.state,
            started_at=NOW, changed_at=NOW, submitted_at=NOW,
        )  # fmt: skip


def asked(region, who: str | None, address: str) -> int:
    """How many questions one opening of the page puts, the second time: caches of a process warm."""
    client = Client()
    if who:
        client.force_login(region.accounts[who])
    for _first_and_second in range(2):
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(address)
        assert answer.status_code == 200, address
    return len(seen)


def grows(region, who, address, more) -> list[int]:
    counts, there = [], 0
    for rows in STEPS:
        more(rows - there)
        there = rows
        counts.append(asked(region, who, address))
    return counts


@pytest.mark.parametrize(
    ("who", "name", "state", "cycle_state"),
    [
        ("ministry", "mechanisms-cycle", SubmissionState.SUBMITTED, CycleState.CLOSED),
        ("rcoi", "mechanisms-cycle", SubmissionState.SUBMITTED, CycleState.CLOSED),
        ("ministry", "mechanisms-clusters", SubmissionState.SUBMITTED, CycleState.CLOSED),
        ("ministry", "mechanisms-assignment", SubmissionState.SUBMITTED, CycleState.CLOSED),
        ("ministry", "mechanisms-standings", SubmissionState.SCORED, CycleState.OBJECTIONS),
        (None, "mechanisms-open-data", SubmissionState.FINAL, CycleState.FINAL),
    ],
)
def test_a_page_of_a_cycle_with_a_hundred_municipalities(
    region, scored_run, who, name, state, cycle_state
):
    run = scored_run
    put(Cycle.objects.filter(pk=run.cycle.pk), state=cycle_state)
    put(Submission.objects.filter(cycle=run.cycle), state=SubmissionState.DRAFT)
    one, three, hundred = grows(
        region, who, reverse(name, args=[run.cycle.pk]), Newcomers(run, state).more
    )
    assert one == three == hundred


def test_a_hundred_cycles(region, scored_run):
    def more(count: int) -> None:
        for _one in range(count):
            Cycle.objects.create(
                region=region.ministry, edition=scored_run.cycle.edition, year=2026, title="Цикл",
                state=CycleState.OPEN, submit_by=NOW.date(), created_at=NOW,
            )  # fmt: skip

    for who in ("ministry", "mouo"):
        one, three, hundred = grows(region, who, reverse("mechanisms"), more)
        assert three == hundred and one <= three


def test_a_hundred_works_of_an_expert(region, scored_run):
    run = scored_run
    Appointment.objects.filter(expert=run.experts["mumexpert3"]).delete()
    put(Cycle.objects.filter(pk=run.cycle.pk), state=CycleState.EXPERTISE)
    newcomers = Newcomers(run, SubmissionState.IN_EXPERTISE)

    def more(count: int) -> None:
        for one in newcomers.more(count):
            Appointment.objects.create(
                expert=run.experts["mumexpert3"], submission=one, state="open",
                direction=run.criteria["1.1"], appointed_at=NOW,
                appointed_by=region.accounts["ministry"],
            )  # fmt: skip

    one, three, hundred = grows(region, "mumexpert3", reverse("mechanisms-expertise"), more)
    assert three == hundred and one <= three


def test_a_hundred_links_of_a_form(region, scored_run):
    answer = scored_run.submissions["mouo"].answers.first()
    answer.links.all().delete()
    numbers = iter(range(1, 10_000))

    def more(count: int) -> None:
        for _one in range(count):
            number = next(numbers)
            Link.objects.create(
                answer=answer, seq=number, url=f"https://uo.example/{number}.pdf",
                document_name="Приказ",
            )  # fmt: skip

    address = reverse("mechanisms-evidence", args=[scored_run.submissions["mouo"].pk])
    one, three, hundred = grows(region, "mouo", address, more)
    assert one == three == hundred


def of_tracks(count: int) -> Edition:
    """Criteria of an invented year with so many tracks, the first of them about abilities."""
    tracks = tuple(
        Node(
            f"1.{number}", Kind.TRACK, f"Трек {number}", shape=Shape.MUNICIPAL,
            special=frozenset({Special.NEEDS_DATA} if number == 1 else ()),
            children=(position(f"1.{number}.1"), position(f"1.{number}.2")),
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    root = Node("1", Kind.DIRECTION, "Направление", children=tracks)
    return Edition(f"tracks-{count}", 2026, f"Критерии на {count}", (root,))


def test_maps_of_one_three_and_ten_tracks_are_asked_for_alike(region, hold_clock):
    hold_clock(DURING)
    pages, answers = [], []
    for count in (1, 3, 10):
        run = a_run(region, edition=of_tracks(count))
        at = {"submission_id": run.form.pk, "actor": run.mouo, "now": DURING}
        for track in run.cycle.edition.criteria.filter(kind=Kind.TRACK):
            goal = mapping.add_part(
                track_id=track.pk, part=mapping.Part(Component.GOALS, "Цель"), **at
            )
            mapping.add_part(
                track_id=track.pk, part=mapping.Part(Component.INDICATORS, "Доля"),
                after_id=goal.pk, **at,
            )  # fmt: skip
        pages.append(asked(region, "mouo", reverse("mechanisms-maps", args=[run.form.pk])))
        system = System(a_token(region, "mouo"))
        for _first_and_second in range(2):
            with CaptureQueriesContext(connection) as seen:
                told = system.get(f"/mechanisms/submissions/{run.form.pk}/maps").json()
        answers.append(len(seen))
        gaps = [one["gaps"] for one in told["items"]]
        assert gaps == [2, *[1] * (count - 1)], "each track has its own parts, arrows and gaps"
    assert pages[0] == pages[1] == pages[2]
    assert answers[0] == answers[1] == answers[2]


def test_a_hundred_objections_through_the_interface(region, scored_run):
    def more(count: int) -> None:
        for _one in range(count):
            Objection.objects.create(
                submission=scored_run.submissions["mouo"], text="Прошу учесть.", filed_at=LATER,
                criterion=scored_run.criteria["1.1.1.1"], state="withdrawn",
                filed_by=region.accounts["mouo"],
            )  # fmt: skip

    system, counts, there = System(a_token(region, "ministry")), [], 0
    for rows in STEPS:
        more(rows - there)
        there = rows
        with CaptureQueriesContext(connection) as seen:
            assert system.get("/mechanisms/objections", limit=100).json()["count"] == rows
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2]
