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
from .letters import write_to_parent


def note_absence(
    referral: Referral,
    application: Application,
    *,
    missed_on: date,
    turned_away: str = "",
    mouo: Organisation | None,
    actor: Viewer,
    now: datetime,
) -> Absence:
    """A day passed without the test: the child did not come or was `turned_away` (why, a code).

    The case stops there until it is known what follows; where another day may be booked at once,
    it goes on at once. The parent is told either way.
    """
    in_transaction()
    absence = Absence.objects.create(
        application=application,
        referral=referral,
        missed_on=missed_on,
        turned_away=turned_away,
        noted_at=now,
        mouo=mouo,
    )
    stopped = ApplicationState.NOT_ADMITTED if turned_away else ApplicationState.NO_SHOW
    move(application, stopped, actor=actor, now=now)
    missed = queries.no_show_facts(application.pk)
    assert missed is not None
    follows, _value = rules.after_no_show(missed, registry.active_profile())
    facts: dict[str, object] = {"missed_on": missed_on}
    if follows == AfterNoShow.REBOOK:
        template = "not-admitted" if turned_away else "rebooking-open"
        let_rebook(application, template, facts, actor=actor, now=now)
    elif follows == AfterNoShow.WAIT and mouo is not None:
        contacts = ", ".join(filter(None, (mouo.short_name, mouo.phone, mouo.email)))
        write_to_parent(
            application,
            "no-show",
            key=f"no-show:{absence.pk}",
            facts={**facts, "mouo": contacts},
            actor=actor,
            now=now,
        )
    return absence


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
    write_to_parent(
        application,
        template,
        key=f"{template}:{application.pk}:{now:%Y%m%d}",
        facts=facts,
        actor=actor,
        now=now,
    )
