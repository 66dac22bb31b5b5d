"""A child did not come, or was turned away: note it, and let the case go on as the law says."""

from __future__ import annotations

from datetime import date, datetime

from merilo.admissions import queries, rules
from merilo.admissions.models import Absence, Application, Referral
from merilo.admissions.rules import AfterNoShow, ApplicationState
from merilo.foundation.journal.recording import record
from merilo.registry import queries as registry
from merilo.registry.access import Viewer
from merilo.registry.models import Organisation
from merilo.registry.steps import in_transaction

from .cases import move
from .letters import letter, tell_parent


def note_absence(
    referral: Referral,
    application: Application,
    *,
    missed_on: date,
    mouo: Organisation | None,
    actor: Viewer,
    now: datetime,
) -> Absence:
    """The case stops at «не явился» until it is known what follows; the parent is told."""
    in_transaction()
    absence = Absence.objects.create(
        application=application, referral=referral, missed_on=missed_on, noted_at=now, mouo=mouo
    )
    move(application, ApplicationState.NO_SHOW, actor=actor, now=now)
    missed = queries.no_show_facts(application.pk)
    assert missed is not None
    follows, _value = rules.after_no_show(missed, registry.active_profile())
    if follows == AfterNoShow.REBOOK:
        let_rebook(application, "rebooking-open", {"missed_on": missed_on}, actor=actor, now=now)
    elif follows == AfterNoShow.WAIT and mouo is not None:
        tell_parent(
            application,
            "no-show",
            key=f"no-show:{absence.pk}",
            subject_line=f"Ребёнок не пришёл на тестирование: заявление № {application.number}",
            body=letter(
                application,
                rules.LETTERS["no-show"],
                {
                    "missed_on": missed_on,
                    "mouo": ", ".join(filter(None, (mouo.short_name, mouo.phone, mouo.email))),
                },
            ),
            actor=actor,
            now=now,
        )
    return absence


def note_turned_away(application: Application, *, actor: Viewer, now: datetime) -> None:
    """Turned away at the door: no no-show, nobody to confirm anything; another day may be booked."""
    in_transaction()
    move(application, ApplicationState.NO_SHOW, actor=actor, now=now)
    let_rebook(application, "not-admitted", {}, actor=actor, now=now)


def let_rebook(
    application: Application,
    template: str,
    facts: dict[str, object],
    *,
    actor: Viewer,
    now: datetime,
) -> None:
    """The same referral may be booked for another day, and the parent knows it."""
    in_transaction()
    move(application, ApplicationState.REFERRED, actor=actor, now=now)
    record(
        "application.rebooking",
        actor=actor,
        about=application,
        at=now,
        case_id=application.pk,
        allowed=True,
    )
    tell_parent(
        application,
        template,
        key=f"{template}:{application.pk}:{now:%Y%m%d}",
        subject_line=f"Запишитесь на другой день: заявление № {application.number}",
        body=letter(application, rules.LETTERS[template], facts),
        actor=actor,
        now=now,
    )
