"""Municipal mechanisms in the demonstration: an example edition, runs of last year and of this.

Every state is reached by the actions themselves. The criteria are invented and say so: the federal
positions are not among the sources, and none is passed off as federal.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from merilo.mechanisms import actions, queries
from merilo.mechanisms.models import CriteriaEdition, Cycle, Submission
from merilo.mechanisms.rules.expertise import DeductionCode
from merilo.mechanisms.rules.form import AnswerFacts, LinkFacts
from merilo.mechanisms.rules.states import CycleState
from merilo.mechanisms.rules.tree import (
    COMPONENT_NAMES,
    Component,
    Edition,
    Kind,
    Node,
    Renormalisation,
    Shape,
    Special,
)
from merilo.registry.access import Viewer
from merilo.registry.steps import day_at

from . import expertise
from .clusters import divide
from .cycle_maps import Broken, draw_map
from .evidence import build_evidence
from .expertise import Panel
from .region import World

EXAMPLE = "пример, не федеральный"
WHOLE = tuple(Component)
SHORT = (Component.GOALS, Component.INDICATORS, Component.MONITORING, Component.ANALYSIS)
# direction, its track, the components of the track's cycle
OWN_CYCLES = (
    ("1.3", "Развитие способностей обучающихся в соответствии с их потребностями", WHOLE),
    ("1.4", "Самоопределение и профессиональная ориентация обучающихся", WHOLE),
    ("2.1", "Эффективность руководителей образовательных организаций", SHORT),
    ("2.2", "Профессиональное развитие педагогических работников", WHOLE),
    ("2.3", "Формирование ценностных ориентаций обучающихся", WHOLE),
    ("2.4", "Качество дошкольного образования", SHORT),
)
SHORT_CHOICE = ("1.1", "1.2", "2.1")
LAST_YEAR = (*SHORT_CHOICE, "1.3")  # every mark is an action: half the directions, half the time
ABILITIES = "1.3.1"
DOCUMENTS = (
    ("Приказ № {n} управления образования", "prikaz-{n}.pdf", 6),
    ("Программа на 2026–2028 годы", "programma-{n}.pdf", 24),
    ("Аналитическая справка по итогам мониторинга", "spravka-{n}.pdf", 11),
    ("Протокол заседания совета руководителей № {n}", "protokol-{n}.docx", 1),
)


def example_edition(year: int) -> Edition:
    """Positions for each component of each track, a few points each."""
    archive = next(one for one in queries.criteria.shipped() if one.year == 2022)
    shared = _track(
        "1.1.1", "Объективность оценки качества подготовки обучающихся", (Component.MEASURES,),
        shape=Shape.REGIONAL,
        titles=(
            "Содействие региону в формировании позитивного отношения к объективной оценке",
            "Содействие региону в повышении объективности процедур и проверки работ",
        ),
    )  # fmt: skip
    support = replace(
        _track("1.2.1", "Адресная поддержка школ с низкими образовательными результатами", SHORT),
        special=frozenset({Special.ABSENCE_PROVED}),
        may_not_apply=True,
    )
    tracks = {"1.1": shared, "1.2": support}
    for direction, title, components in OWN_CYCLES:
        tracks[direction] = _track(f"{direction}.1", title, components)
    needs = frozenset({Special.NEEDS_DATA})
    tracks["1.3"] = replace(tracks["1.3"], special=needs)
    roots = tuple(
        replace(
            block,
            points=None,
            children=tuple(
                replace(one, points=None, children=(tracks[one.code],)) for one in block.children
            ),
        )
        for block in archive.roots
    )
    return Edition(
        code=f"example-{year}",
        year=year,
        title=f"Критерии края, {year} год ({EXAMPLE})",
        roots=roots,
        renormalisation=Renormalisation.OUT_OF_MAXIMUM,
        source="демонстрация",
        note="Пример для демонстрации: позиции и баллы придуманы, федеральными они не являются.",
    )


def short_edition(year: int) -> Edition:
    """Three directions of the example, for a self-assessment within the year."""
    return replace(
        _only(example_edition(year), SHORT_CHOICE), code=f"example-{year}-short",
        title=f"Критерии края по трём направлениям, {year} год ({EXAMPLE})",
    )  # fmt: skip


def _only(whole: Edition, directions: Collection[str]) -> Edition:
    roots = tuple(
        replace(block, children=tuple(one for one in block.children if one.code in directions))
        for block in whole.roots
    )
    return replace(whole, roots=roots)


def _track(
    code: str,
    title: str,
    components: tuple[Component, ...],
    *,
    shape: Shape = Shape.MUNICIPAL,
    titles: tuple[str, ...] = (),
) -> Node:
    children = []
    for number, component in enumerate(components, start=1):
        own = f"{code}.{number}"
        words = COMPONENT_NAMES[component]
        said = titles or (f"{words[:1].upper()}{words[1:]}: {title.lower()}",)
        positions = tuple(
            Node(f"{own}.{n}", Kind.POSITION, one, Decimal(3 + (number + n) % 3))
            for n, one in enumerate(said, start=1)
        )
        heading = f"{words[:1].upper()}{words[1:]}"
        children.append(
            Node(own, Kind.COMPONENT, heading, component=component, children=positions)
        )
    return Node(code, Kind.TRACK, title, shape=shape, children=tuple(children))


def build_mechanisms(world: World, anchor: datetime, chance: random.Random) -> None:
    """Last year's run, final; two smaller ones in expertise and in objections; this year's, open."""
    began = max(world.now, anchor - timedelta(days=180))
    panel = expertise.build_panel(world, random.Random(chance.random()), began)
    _finished(world, panel, anchor.year - 1, began, chance)
    row = actions.load_edition(
        edition=short_edition(anchor.year), actor=world.ministry, now=anchor - timedelta(days=101)
    )
    _objected(world, panel, row, anchor, chance)
    _being_scored(world, panel, row, anchor, chance)
    _open(world, anchor, chance)


def _finished(
    world: World, panel: Panel, year: int, began: datetime, chance: random.Random
) -> None:
    """Grounds of both kinds, a dispute the third expert settled, an objection granted, the end."""
    criteria = _only(example_edition(year), LAST_YEAR)
    row = actions.load_edition(edition=criteria, actor=world.ministry, now=began)
    title = f"Самооценка муниципальных механизмов, {year} год"
    cycle = _run(world, row, title, began, began + timedelta(days=30))
    divide(cycle, world, began + timedelta(days=1))
    forms = _hand_in(world, cycle, began + timedelta(days=5), chance, 4, {
        ABILITIES: (Broken.UNWATCHED, Broken.OUTSIDE, Broken.NOTHING),
        "2.1.1": (Broken.UNDECIDED,),
    })  # fmt: skip
    ministry, closed = world.ministry, began + timedelta(days=32)
    actions.move_cycle(cycle_id=cycle.pk, to=CycleState.CLOSED, actor=ministry, now=closed)
    _visit(world, forms[:3], closed)
    expertise.find_on_the_map(panel, forms[0], ABILITIES, DeductionCode.D5)
    expertise.find_on_the_map(panel, forms[1], ABILITIES, DeductionCode.D4)
    expertise.hold(panel, cycle, closed + timedelta(days=2), days=20, disputed=forms[2])
    wish = expertise.object_to(
        forms[0], world.mouos[forms[0].organisation_id], closed + timedelta(days=24),
        text="Ответственный назван на странице 4 приказа. Просим учесть.",
    )  # fmt: skip
    expertise.decide(panel, wish, closed + timedelta(days=29), grant=True)
    last = closed + timedelta(days=34)
    actions.move_cycle(cycle_id=cycle.pk, to=CycleState.FINAL, actor=ministry, now=last)


def _objected(
    world: World, panel: Panel, row: CriteriaEdition, anchor: datetime, chance: random.Random
) -> None:
    """Marks are told; one municipality waits for an answer, another has had it."""
    made = anchor - timedelta(days=100)
    title = f"Пробная самооценка по трём направлениям, {row.year} год"
    cycle = _run(world, row, title, made, made + timedelta(days=20))
    divide(cycle, world, made + timedelta(days=1))
    forms = _hand_in(world, cycle, made + timedelta(days=5), chance, 3, {})
    closed = made + timedelta(days=22)
    actions.move_cycle(cycle_id=cycle.pk, to=CycleState.CLOSED, actor=world.ministry, now=closed)
    expertise.hold(panel, cycle, closed + timedelta(days=2), days=60)
    expertise.object_to(
        forms[0], world.mouos[forms[0].organisation_id], anchor - timedelta(days=3),
        text="Показатели перечислены в приложении к программе, страницы названы в форме.",
    )  # fmt: skip
    wish = expertise.object_to(
        forms[1], world.mouos[forms[1].organisation_id], anchor - timedelta(days=6), skip=1,
        text="Просим учесть приказ, принятый после подачи материалов.",
    )  # fmt: skip
    expertise.decide(panel, wish, anchor - timedelta(days=2), grant=False)


def _being_scored(
    world: World, panel: Panel, row: CriteriaEdition, anchor: datetime, chance: random.Random
) -> None:
    made = anchor - timedelta(days=60)
    title = f"Тематическая самооценка по трём направлениям, {row.year} год"
    cycle = _run(world, row, title, made, made + timedelta(days=25))
    forms = _hand_in(world, cycle, made + timedelta(days=5), chance, 5, {
        "2.1.1": (Broken.UNWATCHED, Broken.OUTSIDE, Broken.UNDECIDED, Broken.NOTHING, Broken.UNWATCHED),
    })  # fmt: skip
    closed = made + timedelta(days=27)
    actions.move_cycle(cycle_id=cycle.pk, to=CycleState.CLOSED, actor=world.ministry, now=closed)
    _visit(world, forms, closed)
    expertise.hold_till_now(panel, cycle, closed + timedelta(days=3), anchor)


def _open(world: World, anchor: datetime, chance: random.Random) -> None:
    """This year's forms, from empty to submitted; clusters wait to be taken from the run before."""
    made, year = anchor - timedelta(days=20), anchor.year
    row = actions.load_edition(edition=example_edition(year), actor=world.ministry, now=made)
    title = f"Самооценка муниципальных механизмов, {year} год"
    this = _run(world, row, title, made, anchor + timedelta(days=15))
    first = next(iter(world.mouos))  # whom the visitor signs in as
    forms = list(this.submissions.select_related("organisation").order_by("pk"))
    forms.sort(key=lambda one: one.organisation_id != first)
    for number, form in enumerate(forms):
        mouo, when = world.mouos[form.organisation_id], anchor - timedelta(days=number % 7 + 1)
        if number == 0:
            _fill(form, mouo, when, chance, 0.5)
            _with_mistakes(form, mouo, when + timedelta(hours=2))
            draw_map(form, ABILITIES, mouo, when, broken=Broken.UNWATCHED)
        elif number % 4 == 1:
            _fill(form, mouo, when, chance, 1.0)
            _give(form, mouo, when + timedelta(hours=3))
        elif number % 4 == 2:
            _fill(form, mouo, when, chance, 0.9)
            actions.self_check(submission_id=form.pk, actor=mouo, now=when + timedelta(hours=3))
        elif number % 4 == 3:
            _fill(form, mouo, when, chance, 0.3)
    _visit(world, forms, anchor)


def _visit(world: World, forms: list[Submission], anchor: datetime) -> None:
    for form in forms:
        form.refresh_from_db()
    build_evidence(forms, clock=Viewer.system(world.ministry.timezone), anchor=anchor)


def _hand_in(
    world: World,
    cycle: Cycle,
    when: datetime,
    chance: random.Random,
    count: int,
    maps: Mapping[str, tuple[Broken, ...]],
) -> list[Submission]:
    """The first municipalities fill their forms, draw maps of some tracks and give both."""
    forms = list(cycle.submissions.select_related("organisation").order_by("organisation_id"))
    for number, form in enumerate(forms[:count]):
        mouo = world.mouos[form.organisation_id]
        _fill(form, mouo, when, chance, 1.0)
        for track, breaks in maps.items():
            if number < len(breaks):
                draw_map(form, track, mouo, when, broken=breaks[number])
        _give(form, mouo, when + timedelta(days=4 + number))
    return forms[:count]


def _run(world: World, row: CriteriaEdition, title: str, made: datetime, until: datetime) -> Cycle:
    cycle = actions.create_cycle(
        edition_id=row.pk, title=title, submit_by=day_at(world.ministry, until),
        actor=world.ministry, now=made,
    )  # fmt: skip
    cycle, _warnings = actions.move_cycle(
        cycle_id=cycle.pk, to=CycleState.OPEN, actor=world.ministry, now=made
    )
    return cycle


def _fill(
    form: Submission, mouo: Viewer, when: datetime, chance: random.Random, share: float
) -> None:
    """Links for a share of the positions, pasted from a spreadsheet as a careful clerk would."""
    edition = queries.criteria.edition_of(form.cycle.edition)
    rows = [
        (node.code, _link(row, node, chance, edition.shape_of(node.code) is Shape.REGIONAL))
        for node in edition.walk()
        if node.kind is Kind.POSITION and chance.random() <= share
        for row in range(1, chance.randint(1, 2) + 1)
    ]
    actions.paste_links(submission_id=form.pk, rows=rows, actor=mouo, now=when)


def _link(row: int, node: Node, chance: random.Random, shared: bool) -> LinkFacts:
    name, file, pages = chance.choice(DOCUMENTS)
    number = chance.randint(10, 400)
    return LinkFacts(
        row=row,
        url=f"https://uo.example/documents/{file.format(n=number)}",
        document_name=name.format(n=number),
        page_count=pages,
        pages="" if pages == 1 else f"{chance.randint(1, 3)}–{chance.randint(4, 6)}",
        comment=f"Раздел «{node.title[:80]}»: строка {row}.",
        regional_document="Приказ министерства образования края № 41" if shared else "",
        regional_measure="п. 3.2 комплекса мер: обучение проверяющих" if shared else "",
    )


def _with_mistakes(form: Submission, mouo: Viewer, when: datetime) -> None:
    """One form shows what the rules say: a news feed, a document without pages, a closed page."""
    there = {one.criterion.code: one.version for one in queries.forms.answers_of(form)}
    wrong = {
        "1.4.1.1.1": LinkFacts(
            1, "https://uo.example/news/otkrytie", "Открытие класса", comment="Сюжет о встрече."
        ),
        "1.4.1.2.1": LinkFacts(
            1, "https://uo.example/p.pdf", "Приказ № 17", page_count=12, comment="Показатели."
        ),
        "1.4.1.3.1": LinkFacts(
            1, "https://disk.example/closed", "Справка", page_count=1, comment="Методика.",
            closed_access=True,
        ),
    }  # fmt: skip
    for code, link in wrong.items():
        actions.save_answer(
            submission_id=form.pk, said=AnswerFacts(code, (link,)),
            seen_version=there.get(code, 0), actor=mouo, now=when,
        )  # fmt: skip


def _give(form: Submission, mouo: Viewer, when: datetime) -> None:
    actions.self_check(submission_id=form.pk, actor=mouo, now=when)
    actions.submit(submission_id=form.pk, actor=mouo, now=when)
