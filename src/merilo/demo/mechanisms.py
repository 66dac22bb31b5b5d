"""Municipal mechanisms in the demonstration: an example edition, last year's run and this year's.

Every state is reached by the actions themselves. The criteria are invented and say so: the federal
positions are not among the sources, and none is passed off as federal.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from merilo.mechanisms import actions, queries
from merilo.mechanisms.models import Cycle, Submission
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

from .evidence import build_evidence
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
    """Last year's run, closed; this year's, open, with forms from empty to submitted."""
    year = anchor.year
    began = max(world.now, anchor - timedelta(days=180))
    last = _run(world, year - 1, began, began + timedelta(days=30), "Самооценка")
    given = list(last.submissions.select_related("organisation").order_by("pk"))[:12]
    for number, form in enumerate(given):
        _fill(form, world.mouos[form.organisation_id], began + timedelta(days=5), chance, 1.0)
        _give(form, world.mouos[form.organisation_id], began + timedelta(days=9 + number))
    closed = began + timedelta(days=32)
    actions.move_cycle(cycle_id=last.pk, to=CycleState.CLOSED, actor=world.ministry, now=closed)
    this = _run(
        world, year, anchor - timedelta(days=20), anchor + timedelta(days=15), "Самооценка"
    )
    first = next(iter(world.mouos))  # whom the visitor signs in as
    forms = list(this.submissions.select_related("organisation").order_by("pk"))
    forms.sort(key=lambda one: one.organisation_id != first)
    for number, form in enumerate(forms):
        mouo, when = world.mouos[form.organisation_id], anchor - timedelta(days=number % 7 + 1)
        if number == 0:
            _fill(form, mouo, when, chance, 0.5)
            _with_mistakes(form, mouo, when + timedelta(hours=2))
        elif number % 4 == 1:
            _fill(form, mouo, when, chance, 1.0)
            _give(form, mouo, when + timedelta(hours=3))
        elif number % 4 == 2:
            _fill(form, mouo, when, chance, 0.9)
            actions.self_check(submission_id=form.pk, actor=mouo, now=when + timedelta(hours=3))
        elif number % 4 == 3:
            _fill(form, mouo, when, chance, 0.3)
    clock = Viewer.system(world.ministry.timezone)
    for form in (*given[:3], *forms):
        form.refresh_from_db()
    build_evidence((*given[:3], *forms), clock=clock, anchor=anchor)


def _run(world: World, year: int, made: datetime, until: datetime, title: str) -> Cycle:
    row = actions.load_edition(edition=example_edition(year), actor=world.ministry, now=made)
    cycle = actions.create_cycle(
        edition_id=row.pk, title=f"{title} муниципальных механизмов, {year} год",
        submit_by=day_at(world.ministry, until), actor=world.ministry, now=made,
    )  # fmt: skip
    return actions.move_cycle(
        cycle_id=cycle.pk, to=CycleState.OPEN, actor=world.ministry, now=made
    )


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
