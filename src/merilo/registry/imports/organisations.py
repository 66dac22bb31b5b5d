"""Rows of organisations, ours and OneRoster's, against the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from merilo.foundation.tables import TableRow
from merilo.law.refusal import _
from merilo.registry import rules
from merilo.registry.models import Organisation, Territory
from merilo.registry.rules import Function

from . import kinds
from .rows import RowPlan, World, plain, plans_of

FIELDS = {
    "name": kinds.NAME,
    "short_name": kinds.SHORT,
    "exam_code": kinds.CODE,
    "inn": kinds.INN,
    "ownership": kinds.OWNERSHIP,
    "address": kinds.ADDRESS,
    "phone": kinds.PHONE,
    "email": kinds.EMAIL,
    "head": kinds.HEAD,
    "source_id": "sourcedId",
}


@dataclass
class OrganisationRow:
    """A readable row: the fields it fills, the record it is about, the parent it names."""

    fields: dict[str, str] = field(default_factory=dict)
    functions: set[Function] = field(default_factory=set)
    territory: Territory | None = None
    since: date | None = None
    known: Organisation | None = None
    parent: Organisation | None = None
    parent_row: int | None = None  # the number of the row in this file that makes the parent
    add_functions: set[Function] = field(default_factory=set)


class Territories:
    def __init__(self) -> None:
        self.by_name: dict[str, list[Territory]] = {}
        for one in Territory.objects.all():
            self.by_name.setdefault(plain(one.name), []).append(one)

    def find(self, plan: RowPlan) -> Territory | None:
        said = plan.text(kinds.TERRITORY, required=True)
        kind = plan.one_of(kinds.TERRITORY_KIND, kinds.TERRITORY_WORDS)
        if not said:
            return None
        found = self.by_name.get(plain(said), [])
        if kind:
            found = [one for one in found if one.kind == kind]
        if len(found) == 1:
            return found[0]
        if found:
            words = ", ".join(
                rules.TERRITORY_NAMES[rules.TerritoryKind(one.kind)] for one in found
            )
            plan.wrong(
                kinds.TERRITORY_KIND,
                _("«%(said)s» — их несколько (%(words)s). Укажите вид."),
                said=said,
                words=words,
            )
        else:
            plan.wrong(
                kinds.TERRITORY,
                _("муниципалитета «%(said)s» нет. Проверьте название."),
                said=said[:80],
            )
        return None


def plan_organisations(kind: str, rows: Iterable[TableRow], world: World) -> list[RowPlan]:
    """What each row would do. Parents may stand in the same file, before or after."""
    plans = plans_of(rows)
    read = _read_oneroster if kind == "oneroster-orgs" else _read
    territories = Territories()
    for plan in plans:
        plan.data = read(plan, world, territories)
        plan.label = plan.data.fields.get("short_name", "")
    _twice(plans)
    named, mouos = _named_in_file(plans), _mouos_in_file(plans)
    for plan in plans:
        _known(plan, world)
    for plan in plans:
        _parent(plan, world, named, mouos, oneroster=kind == "oneroster-orgs")
    _circles(plans)
    for plan in plans:
        _settle(plan, world, oneroster=kind == "oneroster-orgs")
    return plans


def _read(plan: RowPlan, world: World, territories: Territories) -> OrganisationRow:
    row = OrganisationRow(since=plan.day(kinds.SINCE, world.on))
    row.fields = {
        "name": plan.text(kinds.NAME, required=True),
        "short_name": plan.text(kinds.SHORT, required=True),
        "exam_code": plan.text(kinds.CODE),
        "inn": plan.text(kinds.INN),
        "ownership": str(plan.one_of(kinds.OWNERSHIP, kinds.OWNERSHIP_WORDS, "")),
        "address": plan.text(kinds.ADDRESS),
        "phone": plan.text(kinds.PHONE),
        "email": plan.email(kinds.EMAIL),
        "head": plan.text(kinds.HEAD),
    }
    row.territory = territories.find(plan)
    for said in plan.text(kinds.FUNCTIONS, required=True).replace(";", ",").split(","):
        word = plain(said)
        found = [f for w, f in kinds.FUNCTION_WORDS.items() if word in (plain(w), f.value)]
        if found:
            row.functions.add(found[0])
        elif word:
            listed = ", ".join(kinds.FUNCTION_WORDS)
            plan.wrong(
                kinds.FUNCTIONS,
                _("функции «%(said)s» нет. Подходят: %(listed)s."),
                said=said.strip()[:60],
                listed=listed,
            )
    _codes(plan, row.fields, kinds.CODE, kinds.INN)
    return row


def _codes(plan: RowPlan, fields: dict[str, str], code: str, inn: str) -> None:
    if fields.get("exam_code") and not rules.is_exam_code(fields["exam_code"]):
        plan.wrong(
            code, _("«%(said)s» — нужны три цифры, например 025."), said=fields["exam_code"][:20]
        )
    if fields.get("inn") and not rules.is_inn(fields["inn"]):
        plan.wrong(
            inn,
            _("«%(said)s» — у организации 10 цифр с верной контрольной."),
            said=fields["inn"][:20],
        )


def _read_oneroster(plan: RowPlan, world: World, _territories: Territories) -> OrganisationRow:
    row = OrganisationRow(since=world.on)
    name = plan.text("name", required=True)
    identifier = plan.text("identifier")
    digits = identifier.isascii() and identifier.isdigit()
    row.fields = {
        "name": name,
        "short_name": name[:120],
        "source_id": plan.text("sourcedId", required=True),
        "exam_code": identifier if digits and len(identifier) == 3 else "",
        "inn": identifier if digits and len(identifier) != 3 else "",
    }
    if plan.text("type", required=True).strip().lower() == "school":
        row.functions.add(Function.SCHOOL)
    _codes(plan, row.fields, "identifier", "identifier")
    return row


def _twice(plans: list[RowPlan]) -> None:
    """Two rows of one file about one organisation: which of them would hold nobody can say."""
    seen: dict[str, int] = {}
    for plan in plans:
        fields = plan.data.fields
        for name in ("inn", "exam_code", "source_id"):
            if not fields.get(name):
                continue
            key = f"{name}:{fields[name]}"
            if key in seen:
                heading = "identifier" if "sourcedId" in plan.cells else FIELDS[name]
                plan.wrong(
                    heading,
                    _("«%(said)s» уже есть в строке %(earlier)s."),
                    said=fields[name],
                    earlier=seen[key],
                )
            seen.setdefault(key, plan.number)
        territory = plan.data.territory
        if territory and not fields.get("inn"):
            key = f"name:{territory.pk}:{plain(fields['name'])}"
            if key in seen:
                plan.wrong(
                    kinds.NAME,
                    _("та же организация, что в строке %(earlier)s."),
                    earlier=seen[key],
                )
            seen.setdefault(key, plan.number)


def _named_in_file(plans: list[RowPlan]) -> dict[str, RowPlan]:
    named: dict[str, RowPlan] = {}
    for plan in plans:
        fields = plan.data.fields
        for key in (
            fields.get("inn"),
            fields.get("source_id"),
            plain(fields.get("short_name", "")),
            plain(fields.get("name", "")),
        ):
            if key:
                named.setdefault(key, plan)
    return named


def _known(plan: RowPlan, world: World) -> None:
    """The record a row is about: by ИНН, else by code or source, else by name in its territory."""
    row: OrganisationRow = plan.data
    for name in ("inn", "source_id", "exam_code"):
        if said := row.fields.get(name):
            found = [one for one in world.by_key.get(said, []) if getattr(one, name) == said]
            if found:
                row.known = found[0]
                break
    if row.known is None:
        alike = [
            one
            for one in world.by_key.get(plain(row.fields["name"]), [])
            if row.territory is None or one.territory_id == row.territory.pk
            if not (one.inn and row.fields.get("inn"))
        ]
        row.known = alike[0] if len(alike) == 1 else None


def _parent(
    plan: RowPlan,
    world: World,
    named: dict[str, RowPlan],
    mouos: dict[int, RowPlan],
    *,
    oneroster: bool,
) -> None:
    row: OrganisationRow = plan.data
    heading = "parentSourcedId" if oneroster else kinds.PARENT
    said = plan.text(heading)
    if not said:
        if row.known is None:
            row.parent, row.parent_row = _usual_parent(plan, world, mouos)
        return
    inside = named.get(said) or named.get(plain(said))
    if inside is plan:
        plan.wrong(heading, _("организация не может подчиняться сама себе."))
    elif inside is not None and inside.data.known is not None:
        row.parent = inside.data.known
    elif inside is not None and said not in world.by_key:
        row.parent_row = inside.number
    else:
        row.parent = world.find(plan, heading, said)
    if row.known is not None and row.parent and row.known.parent_id != row.parent.pk:
        plan.wrong(
            heading,
            _("подчинённость действующей организации файлом не меняется. Оставьте ячейку пустой."),
        )


def _usual_parent(
    plan: RowPlan, world: World, mouos: dict[int, RowPlan]
) -> tuple[Organisation | None, int | None]:
    """A school's МОУО by its municipality, in the register or in this file; else the region's."""
    row: OrganisationRow = plan.data
    if Function.MOUO not in row.functions and row.territory:
        if known := world.mouo_of.get(row.territory.pk):
            return known, None
        if made := mouos.get(row.territory.pk):
            return None, made.number
    return world.root, None


def _mouos_in_file(plans: list[RowPlan]) -> dict[int, RowPlan]:
    return {
        plan.data.territory.pk: plan
        for plan in reversed(plans)
        if plan.data.territory and Function.MOUO in plan.data.functions
    }


def _circles(plans: list[RowPlan]) -> None:
    """Rows whose parents lead back to themselves. Each row is walked once."""
    by_number = {plan.number: plan for plan in plans}
    good: set[int] = set()
    for plan in plans:
        walked: list[int] = [plan.number]
        step = plan.data.parent_row
        while step is not None and step not in good:
            if step in walked[-50:] or len(walked) > 50:  # nobody has fifty organisations above
                plan.wrong_row(_("организации подчинены друг другу по кругу. Исправьте столбец."))
                plan.data.parent_row = None
                break
            walked.append(step)
            step = by_number[step].data.parent_row
        good.update(walked)


def _settle(plan: RowPlan, world: World, *, oneroster: bool) -> None:
    row: OrganisationRow = plan.data
    known = row.known
    if oneroster and known is None and Function.SCHOOL not in row.functions:
        plan.wrong(
            "name", _("этой организации нет в реестре. Сначала загрузите её списком организаций.")
        )
    if oneroster and known is None and row.parent is None and row.parent_row is None:
        plan.wrong("parentSourcedId", _("не указано, кому подчинена школа."))
    for name, heading in (("exam_code", kinds.CODE), ("inn", kinds.INN)):
        said = row.fields.get(name)
        others = [one for one in world.by_key.get(said or "", []) if getattr(one, name) == said]
        if said and any(one is not known for one in others):
            plan.wrong(
                "identifier" if oneroster else heading,
                _("«%(said)s» у другой организации."),
                said=said,
            )
    if known is None:
        row.add_functions = row.functions
        plan.settle(new=True)
        return
    for name, becomes in row.fields.items():
        if oneroster and name in ("name", "short_name"):
            continue  # names are kept by the register, a roster often shortens them
        plan.compare(FIELDS[name], getattr(known, name), becomes)
    if row.territory and known.territory_id != row.territory.pk:
        plan.wrong(kinds.TERRITORY, _("муниципалитет действующей организации файлом не меняется."))
    row.add_functions = row.functions - world.functions[known.pk]
    if row.add_functions:
        words = ", ".join(sorted(rules.FUNCTION_NAMES[one] for one in row.add_functions))
        plan.changes.append((kinds.FUNCTIONS, "", words))
    plan.settle(new=False)
