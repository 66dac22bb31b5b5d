"""Files of the register: look first, then write all of a file in one transaction or nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.db import transaction

from merilo import law
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record
from merilo.law import Reason
from merilo.law.refusal import _
from merilo.registry import access, imports, queries, rules, steps
from merilo.registry.access import Viewer, permit
from merilo.registry.imports import Outcome, RowPlan
from merilo.registry.models import (
    Account,
    ImportRun,
    Organisation,
    OrganisationFunction,
    Room,
    TestingArea,
    TestingPlace,
)

KEPT_ERRORS = 2_000

NOT_A_TRIAL = Reason(
    "registry.import-not-a-trial", _("Эта загрузка уже выполнена. Загрузите файл заново.")
)
ROWS_WRONG = Reason(
    "registry.import-rows-wrong",
    _("В файле строк с ошибками: %(many)s. Исправьте их и загрузите файл снова: записано ничего."),
)


def check_import(
    *, kind: str, file_name: str, content: bytes, actor: Viewer, now: datetime
) -> ImportRun:
    """A trial: the file is read, kept and judged; the register stays as it is.

    Raises `Refused` with what is wrong with the file as a whole.
    """
    permit(actor, access.ROLES, "registry.import")
    rows = imports.read_file(imports.KINDS[kind], file_name, content)
    with transaction.atomic(durable=True):
        world = imports.World(actor.organisation_path, on=steps.day_of(now))
        plans = imports.PLANNERS[kind](kind, rows, world)
        name = Path(file_name).name[-200:]
        kept = store.keep(
            content,
            name=name,
            content_type="application/octet-stream",
            purpose="registry-import",
            now=now,
            account_id=actor.account_id,
        )
        run = _run(plans, kind=kind, name=name, content=content, actor=actor, now=now, trial=True)
        run.file = kept
        run.save()
    return run


def _run(
    plans: Sequence[RowPlan],
    *,
    kind: str,
    name: str,
    content: bytes,
    actor: Viewer,
    now: datetime,
    trial: bool,
) -> ImportRun:
    counts = Counter(plan.outcome for plan in plans)
    return ImportRun(
        kind=kind,
        file_name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        at=now,
        by_id=actor.account_id,
        dry_run=trial,
        rows=len(plans),
        created=counts[Outcome.CREATED],
        changed=counts[Outcome.CHANGED],
        unchanged=counts[Outcome.UNCHANGED],
        errors=queries.errors_of(plans)[:KEPT_ERRORS],
    )


def confirm_import(*, run_id: int, actor: Viewer, now: datetime) -> ImportRun:
    """Write the file of a trial. It is judged anew, so a register that changed since is not spoilt.

    All rows in one transaction; one wrong row and nothing is written.
    """
    permit(actor, access.ROLES, "registry.import")
    with transaction.atomic(durable=True):
        steps.next_number("registry-import")  # one import at a time
        trial = ImportRun.objects.select_for_update().get(pk=run_id, by_id=actor.account_id)
        if not trial.dry_run or trial.file is None:
            law.refuse([NOT_A_TRIAL()])
        content = store.read(trial.file)
        plans = queries.plans_of_file(
            trial.kind, trial.file_name, content, actor, today=steps.day_of(now)
        )
        if wrong := sum(plan.outcome == Outcome.WRONG for plan in plans):
            law.refuse([ROWS_WRONG(many=wrong)])
        APPLY[trial.kind](plans, actor, now)
        run = _run(
            plans,
            kind=trial.kind,
            name=trial.file_name,
            content=content,
            actor=actor,
            now=now,
            trial=False,
        )
        run.file = trial.file
        run.save()
        trial.file = None  # asked once; the file stays with what was written
        trial.save(update_fields=["file"])
        record(
            "registry.imported",
            actor=actor,
            about=run,
            at=now,
            what=trial.kind,
            rows=run.rows,
            created=run.created,
            changed=run.changed,
            sha256=run.sha256,
        )
    return run


def _write_organisations(plans: Sequence[RowPlan], actor: Viewer, now: datetime) -> None:
    by_number = {plan.number: plan for plan in plans}
    made: dict[int, Organisation] = {}

    def write(plan: RowPlan) -> Organisation:
        """The organisation of a row; its parent in the same file is written before it."""
        if plan.number in made:
            return made[plan.number]
        row = plan.data
        chain = []
        step = plan
        while step.data.parent_row is not None and step.data.parent_row not in made:
            step = by_number[step.data.parent_row]
            chain.append(step)
        for above in reversed(chain):
            write(above)
        if row.known is not None:
            organisation = row.known
            changed = [
                name
                for name, value in row.fields.items()
                if value
                and getattr(organisation, name) != value
                and (name not in ("name", "short_name") or row.territory)
            ]
            for name in changed:
                setattr(organisation, name, row.fields[name])
            if "short_name" in changed:
                organisation.sort_key = rules.search_key(organisation.short_name)[:120]
                changed.append("sort_key")
            if changed:
                organisation.save(update_fields=changed)
                record("registry.changed", actor=actor, about=organisation, at=now, fields=changed)
        else:
            parent = made[row.parent_row] if row.parent_row is not None else row.parent
            territory = row.territory or parent.territory
            organisation = steps.add_organisation(
                parent,
                territory=territory,
                valid_from=row.since,
                sort_key=rules.search_key(row.fields["short_name"])[:120],
                **{name: value for name, value in row.fields.items() if value},
            )
            record("registry.created", actor=actor, about=organisation, at=now)
        OrganisationFunction.objects.bulk_create(
            [
                OrganisationFunction(
                    organisation=organisation, function=function, valid_from=row.since
                )
                for function in sorted(row.add_functions)
            ],
            ignore_conflicts=True,
        )
        made[plan.number] = organisation
        return organisation

    for plan in plans:
        if plan.outcome in (Outcome.CREATED, Outcome.CHANGED):
            write(plan)


def _write_places(plans: Sequence[RowPlan], actor: Viewer, now: datetime) -> None:
    made: dict[tuple[int, str], TestingPlace] = {}
    for plan in plans:
        row = plan.data
        if plan.outcome not in (Outcome.CREATED, Outcome.CHANGED):
            continue
        where = (row.organisation.pk, row.place_name.lower())
        place = row.place or made.get(where)
        if place is None:
            place = TestingPlace.objects.create(
                organisation=row.organisation,
                name=row.place_name,
                address=row.address,
                accessible=bool(row.place_accessible),
                valid_from=row.since,
            )
            record("registry.created", actor=actor, about=place, at=now)
        elif row.place is not None and (
            place.address != row.address or (row.place_accessible not in (None, place.accessible))
        ):
            place.address = row.address
            if row.place_accessible is not None:
                place.accessible = row.place_accessible
            place.save(update_fields=["address", "accessible"])
            record("registry.changed", actor=actor, about=place, at=now)
        made[where] = place
        facts = asdict(row.facts)
        if row.room is None:
            Room.objects.create(place=place, valid_from=row.since, **facts)
        elif any(getattr(row.room, name) != value for name, value in facts.items()):
            Room.objects.filter(pk=row.room.pk).update(**facts)
            record("registry.changed", actor=actor, about=row.room, at=now)


def _write_areas(plans: Sequence[RowPlan], actor: Viewer, now: datetime) -> None:
    for plan in plans:
        row = plan.data
        if plan.outcome == Outcome.CREATED:
            TestingArea.objects.create(
                school=row.school,
                testing_org=row.testing_org,
                basis=row.basis,
                valid_from=row.since,
            )
        elif plan.outcome == Outcome.CHANGED:
            TestingArea.objects.filter(pk=row.known.pk).update(basis=row.basis)
        else:
            continue
        record(
            "registry.changed",
            actor=actor,
            about=row.school,
            at=now,
            testing_org=row.testing_org.pk,
        )


def _write_staff(plans: Sequence[RowPlan], actor: Viewer, now: datetime) -> None:
    made: dict[str, Account] = {}
    for plan in plans:
        row = plan.data
        if plan.outcome not in (Outcome.CREATED, Outcome.CHANGED):
            continue
        account = row.account or made.get(row.login)
        if account is None:
            account = steps.add_account(
                login=row.login,
                last_name=row.last_name,
                first_name=row.first_name,
                patronymic=row.patronymic,
                email=row.email,
                now=now,
            )
            record("account.created", actor=actor, about=account, at=now)
        elif row.email and account.email != row.email:
            account.email = row.email
            account.save(update_fields=["email"])
            record("account.changed", actor=actor, about=account, at=now, fields=["email"])
        made[row.login] = account
        for organisation, role, title in row.give:
            steps.give_position(account, organisation, role, title, row.since)
            record(
                "position.given",
                actor=actor,
                about=account,
                at=now,
                role=str(role),
                organisation=organisation.pk,
            )


APPLY: dict[str, Callable[[Sequence[RowPlan], Viewer, datetime], None]] = {
    "organisations": _write_organisations,
    "places": _write_places,
    "areas": _write_areas,
    "staff": _write_staff,
    "oneroster-orgs": _write_organisations,
    "oneroster-users": _write_staff,
}
