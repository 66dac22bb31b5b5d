"""The story after a no-show: the МОУО reports it and finds out why; the parent comes again or not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from merilo.admissions import actions as admissions
from merilo.admissions.models import Absence
from merilo.admissions.rules import NoShowReason
from merilo.booking.models import Booking
from merilo.testday import actions as testday

from .region import World

Later = Callable[[datetime, int, random.Random], datetime]
BookAgain = Callable[[int, datetime], None]


class AfterNoShow:
    """One missed day. Of three at a centre one waits for its МОУО still, so that both are seen."""

    def __init__(
        self, world: World, zone: ZoneInfo, later: Later, book_again: BookAgain,
        chance: random.Random,
    ):  # fmt: skip
        self.world, self.zone, self.later = world, zone, later
        self.book_again, self.chance = book_again, chance

    def story(self, booking: Booking, when: datetime) -> Iterator[datetime]:
        absence = Absence.objects.select_related("application", "referral").get(
            referral_id=booking.referral_id, missed_on=booking.session.held_on
        )
        mouo = self.world.mouos.get(absence.mouo_id or 0)
        if mouo is None:
            return
        yield (when := when + timedelta(hours=self.chance.randint(1, 3)))
        testday.report_no_show(booking_id=booking.pk, actor=mouo, now=when)
        number = Absence.objects.filter(
            referral__testing_org=absence.referral.testing_org_id, pk__lte=absence.pk
        ).count()
        if number % 3 == 2:
            return
        yield (when := self.later(when, self.chance.randint(1, 3), self.chance))
        good = number % 5 != 4
        admissions.confirm_no_show(
            application_id=absence.application_id,
            reason=NoShowReason.RESPECTFUL if good else NoShowReason.UNJUSTIFIED,
            comment=self.chance.choice(
                ["справка из поликлиники", "звонок родителя, билет на поезд"]
            )
            if good
            else "родитель не ответил на три звонка",
            confirmed_on=when.astimezone(self.zone).date(),
            actor=mouo,
            now=when,
        )
        yield (when := self.later(when, self.chance.randint(1, 5), self.chance))
        if good:
            self.book_again(absence.application_id, when)
        else:
            admissions.close_after_no_show(
                application_id=absence.application_id,
                actor=self.world.schools[absence.application.school_id],
                now=when,
            )
