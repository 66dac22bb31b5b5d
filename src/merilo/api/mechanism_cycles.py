"""The region's yearly run: made, its last day, its next step, its clusters."""

from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from merilo.foundation import clock
from merilo.mechanisms import actions, queries
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.rules.states import CycleState

from .door import reasons_of, served
from .mechanisms import TAG, CycleOut, EditionCode, cycle_out
from .mechanisms import router as beside  # an address belongs to one router
from .shapes import Day, Id, Reason, Ref, Strict, ref

__all__ = ["TAG", "router"]
router = Router()
CYCLE = ROLES["mechanisms.cycle"]
CLUSTERS = ROLES["mechanisms.clusters"]


def told(request: Any, cycle_id: int) -> dict[str, Any]:
    rows = queries.scope.with_counts(queries.scope.cycles_visible_to(request.viewer))
    return cycle_out(rows.get(pk=cycle_id))


class CycleIn(Strict):
    edition: EditionCode
    title: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
    submit_by: Day


@served(
    beside,
    "POST",
    "/mechanisms/cycles",
    roles=CYCLE,
    answer=CycleOut,
    status=201,
    summary="Создать цикл на критериях региона",
)
def create_cycle(request, said: CycleIn):
    row = queries.criteria.editions_visible_to(request.viewer).get(code=said.edition)
    made = actions.create_cycle(
        edition_id=row.pk,
        title=said.title,
        submit_by=said.submit_by,
        actor=request.viewer,
        now=clock.now(),
    )
    return told(request, made.pk)


class LastDayIn(Strict):
    submit_by: Day


@served(
    router,
    "POST",
    "/mechanisms/cycles/{cycle_id}/last-day",
    roles=CYCLE,
    answer=CycleOut,
    summary="Назначить другой последний день приёма материалов",
)
def change_last_day(request, cycle_id: Id, said: LastDayIn):
    actions.change_last_day(
        cycle_id=cycle_id, submit_by=said.submit_by, actor=request.viewer, now=clock.now()
    )
    return told(request, cycle_id)


class MoveIn(Strict):
    to: CycleState


class CycleMoved(CycleOut):
    warnings: list[Reason]


@served(
    router,
    "POST",
    "/mechanisms/cycles/{cycle_id}/move",
    roles=CYCLE,
    answer=CycleMoved,
    summary="Перевести цикл на следующий шаг",
)
def move_cycle(request, cycle_id: Id, said: MoveIn):
    _moved, warnings = actions.move_cycle(
        cycle_id=cycle_id, to=said.to, actor=request.viewer, now=clock.now()
    )
    return told(request, cycle_id) | {"warnings": reasons_of(warnings)}


class MemberOut(Schema):
    submission_id: int
    municipality: Ref
    cluster: str


class ClustersOut(Schema):
    cycle_id: int
    dimensions: list[str]
    items: list[MemberOut]
    warnings: list[Reason]


Word = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]


def clusters_out(request: Any, cycle_id: int, dimension: str, warnings: Any = ()) -> Any:
    """Every municipality of the run with its cluster of one dimension."""
    cycle = queries.scope.cycles_visible_to(request.viewer).get(pk=cycle_id)
    members = queries.results.members_of(cycle, dimension)
    rows = queries.scope.submissions_visible_to(request.viewer).filter(cycle=cycle)
    return {
        "cycle_id": cycle.pk,
        "dimensions": queries.results.dimensions_of(cycle),
        "items": [
            {
                "submission_id": one.pk,
                "municipality": ref(one.organisation),
                "cluster": members.get(one.pk, ""),
            }
            for one in rows.order_by("organisation__sort_key")
        ],
        "warnings": reasons_of(warnings),
    }


class ClustersAsked(Strict):
    dimension: Word = ""


@served(
    router,
    "GET",
    "/mechanisms/cycles/{cycle_id}/clusters",
    roles=CLUSTERS,
    answer=ClustersOut,
    summary="Кто в каком кластере по одному делению",
)
def cycle_clusters(request, cycle_id: Id, asked: Query[ClustersAsked]):
    return clusters_out(request, cycle_id, asked.dimension)


class ClustersIn(Strict):
    dimension: Word
    clusters: Annotated[
        dict[Annotated[str, Field(pattern=r"^[0-9]{1,9}$")], Word], Field(max_length=2000)
    ]


@served(
    router,
    "POST",
    "/mechanisms/cycles/{cycle_id}/clusters",
    roles=CLUSTERS,
    answer=ClustersOut,
    summary="Разделить муниципалитеты на кластеры: деление заменяется целиком",
)
def arrange_clusters(request, cycle_id: Id, said: ClustersIn):
    _kept, warnings = actions.arrange_clusters(
        cycle_id=cycle_id,
        dimension=said.dimension,
        said={int(one): cluster for one, cluster in said.clusters.items()},
        actor=request.viewer,
        now=clock.now(),
    )
    return clusters_out(request, cycle_id, " ".join(said.dimension.split()), warnings)


@served(
    router,
    "POST",
    "/mechanisms/cycles/{cycle_id}/clusters/copy",
    roles=CLUSTERS,
    answer=ClustersOut,
    summary="Взять деления, которых в цикле нет, из прежнего цикла",
)
def copy_clusters(request, cycle_id: Id):
    copied, warnings = actions.copy_clusters(
        cycle_id=cycle_id, actor=request.viewer, now=clock.now()
    )
    return clusters_out(request, cycle_id, copied[0], warnings)
