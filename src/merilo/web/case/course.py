"""What the page of one case reads once, and its parts share: the card, the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from merilo.admissions import queries as admissions
from merilo.admissions.rules import WITHOUT_RESULT
from merilo.booking import queries as booking
from merilo.booking.rules import BookingState
from merilo.registry.access import Viewer
from merilo.results import queries as results

# Only a child who came has an attempt; one broken off may have been given another date since.
CAME = frozenset({BookingState.CHECKED_IN, BookingState.RESCHEDULED})


@dataclass(frozen=True)
class Course:
    """One case as this viewer sees it; `referral` is its last one in his scope, if any."""

    viewer: Viewer
    application: Any
    referral: Any

    @classmethod
    def of(cls, viewer: Viewer, application: Any) -> Course:
        return cls(viewer, application, admissions.referral_in(viewer, application))

    @cached_property
    def bookings(self) -> list[Any]:
        """All bookings of the case, the first one first; a case without a referral has none."""
        if self.referral is None:
            return []
        return list(booking.bookings_of_case(self.application.pk))

    @property
    def live_booking(self) -> Any:
        """The booking the present referral is used for."""
        for one in self.bookings:
            if one.referral_id == self.referral.pk and one.state == BookingState.CONFIRMED:
                return one
        return None

    @property
    def untaken(self) -> list[Any]:
        """Days the child did not come to, or was turned away from at the door, as they ended."""
        missed = (BookingState.NO_SHOW, BookingState.NOT_ADMITTED)
        found = [one for one in self.bookings if one.state in missed]
        return sorted(found, key=lambda one: one.ended_at)

    @property
    def came(self) -> bool:
        """Whether there may be an attempt."""
        return any(one.state in CAME for one in self.bookings)

    @cached_property
    def results(self) -> list[Any]:
        """The results of the case in the viewer's scope, oldest first."""
        if self.application.state in WITHOUT_RESULT or not self.came:
            return []
        return list(results.visible_results_of_case(self.viewer, self.application.pk))
