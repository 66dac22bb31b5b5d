"""Maps of the management cycle in the demonstration: whole ones, and ones with a gap."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from merilo.mechanisms import actions
from merilo.mechanisms.actions import Part
from merilo.mechanisms.models import Submission
from merilo.mechanisms.queries.cycle_map import links_of_track, tracks_to_draw
from merilo.mechanisms.rules.tree import Component
from merilo.registry.access import Viewer


class Broken(StrEnum):
    """What a drawn cycle lacks."""

    NOTHING = "nothing"
    UNWATCHED = "unwatched"  # an indicator nobody monitors
    OUTSIDE = "outside"  # schools asked for what no indicator needs
    UNDECIDED = "undecided"  # measures without a decision and without a look at their effect


CHAIN = (
    (Component.GOALS, "Цель: опора на выявленные потребности и возможности школ"),
    (Component.INDICATORS, "Доля школ с планом мер по итогам диагностики"),
    (Component.METHODS, "Выгрузка из региональной системы, без запросов школам"),
    (Component.MONITORING, "Мониторинг планов мер, два раза в год"),
    (Component.ANALYSIS, "Справка: у каких школ и почему нет продвижения"),
    (Component.RECOMMENDATIONS, "Адресные рекомендации семи школам"),
    (Component.MEASURES, "Наставничество: школа — школе"),
    (Component.DECISIONS, "Приказ о закреплении школ-наставников"),
    (Component.EFFECT, "Сравнение результатов до и после наставничества"),
)
LAST_DECIDED = {Component.DECISIONS, Component.EFFECT}


def draw_map(
    form: Submission, track_code: str, mouo: Viewer, when: datetime, *, broken: Broken
) -> None:
    """One track's cycle, part after part, with documents of the form behind its first parts."""
    track = next(one for one in tracks_to_draw(form) if one.code == track_code)
    papers = list(links_of_track(form, track.pk).values_list("pk", flat=True))
    drawn: dict[Component, int] = {}
    last = None
    for component, title in CHAIN:
        if broken is Broken.UNDECIDED and component in LAST_DECIDED:
            continue
        part = Part(
            component, title, link_id=papers.pop(0) if papers else None,
            needs=component is Component.GOALS,
        )  # fmt: skip
        last = drawn[component] = _put(form, track.pk, part, last, mouo, when)
    if broken is Broken.UNWATCHED:
        part = Part(Component.INDICATORS, "Число участников конкурсов на 1000 обучающихся")
        _put(form, track.pk, part, drawn[Component.GOALS], mouo, when)
    if broken is Broken.OUTSIDE:
        part = Part(
            Component.MONITORING, "Ежемесячный запрос школам о портфолио", from_schools=True
        )
        _put(form, track.pk, part, None, mouo, when)


def _put(
    form: Submission, track_id: int, part: Part, after: int | None, mouo: Viewer, when: datetime
) -> int:
    return actions.add_part(
        submission_id=form.pk, track_id=track_id, part=part, after_id=after, actor=mouo, now=when
    ).pk
