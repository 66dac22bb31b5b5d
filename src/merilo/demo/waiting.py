"""What waits for the ministry when somebody looks: a day put off, days added and not yet published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from merilo.booking import actions as booking
from merilo.booking.models import TestSession
from merilo.booking.rules import BookingState

from .region import Centre, World
from .stories import Clock


def days_before(clock: Clock, day: date, count: int) -> date:
    """The working day so many working days earlier."""
    for _ in range(count):
        day = clock.days.on_or_before(day - timedelta(days=1))
    return day


def a_day_put_off(
    world: World, clock: Clock, centre: Centre, anchor: datetime
) -> Iterator[datetime]:
    """Heating fails at a centre: its next day is put off, the children wait for another date."""
    yield (when := clock.at(days_before(clock, anchor.date(), 1), 15))
    session = (
        TestSession.objects.filter(
            testing_org=centre.organisation,
            held_on__gt=anchor.date(),
            bookings__state=BookingState.CONFIRMED,
        )
        .order_by("held_on")
        .first()
    )
    if session is not None:
        booking.postpone_session(
            session_id=session.pk,
            reason="Авария отопления в здании",
            actor=world.ministry,
            now=when,
        )


def days_added(world: World, clock: Clock, centre: Centre, anchor: datetime) -> Iterator[datetime]:
    """Two more days are approved; the order is still to be published and told of."""
    yield (when := clock.at(days_before(clock, anchor.date(), 2), 11))
    schedule = booking.create_schedule(
        year=anchor.year, title="Дополнительные дни тестирования", actor=world.ministry, now=when
    )
    for lead in (9, 12):
        held_on = clock.days.after(anchor.date(), lead)
        booking.add_session(
            schedule_id=schedule.pk,
            testing_org_id=centre.organisation.pk,
            place_id=centre.place.pk,
            held_on=held_on,
            starts_at=time(14, 0),
            grades=range(1, 12),
            capacity=15,
            actor=world.ministry,
            now=when,
            results_official_on=clock.days.after(held_on, 6),
        )
    booking.approve_schedule(
        schedule_id=schedule.pk, order_ref=f"от {when:%d.%m.%Y} № 23а-доп", approved_on=when.date(),
        actor=world.ministry, now=when,
    )  # fmt: skip
