"""The approved schedule, its sessions with places, and the bookings that take them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from merilo.foundation import guards

from . import rules


class Schedule(models.Model):
    """A schedule of a year approved by an order of the ministry (R1.4.1.1, R1.5.1)."""

    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    order_ref = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=20, choices=[(s, s) for s in rules.ScheduleState])
    approved_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    minpros_informed_on = models.DateField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title

    class Meta:
        triggers = [guards.follows(rules.SCHEDULE_TRANSITIONS, name="schedule_follows_rules")]


class TestSession(models.Model):
    """A day of testing in a place: grades, places, dates of results. Taken ≤ capacity always."""

    __test__ = False

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="sessions")
    testing_org = models.ForeignKey(
        "registry.Organisation", models.PROTECT, related_name="sessions"
    )
    place = models.ForeignKey("registry.TestingPlace", models.PROTECT, related_name="sessions")
    held_on = models.DateField()
    starts_at = models.TimeField()
    grades = ArrayField(models.PositiveSmallIntegerField())
    capacity = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    results_official_on = models.DateField(null=True)
    is_additional = models.BooleanField(default=False)
    additional_reason = models.CharField(max_length=300, blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )  # the postponed day an additional date stands for
    changed_on = models.DateField(null=True)  # postponed, or added to the approved schedule
    minpros_informed_on = models.DateField(null=True)  # of this day as a change of the schedule
    state = models.CharField(max_length=20, choices=[(s, s) for s in rules.SessionState])
    cancelled_reason = models.CharField(max_length=300, blank=True)
    warnings = models.JSONField(default=list)  # [{code, sentence, act, paragraph, warning}]

    class Meta:
        triggers = [guards.follows(rules.SESSION_TRANSITIONS, name="session_follows_rules")]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="session_not_oversold"
            ),
            models.CheckConstraint(
                condition=Q(is_additional=False) | ~Q(additional_reason=""),
                name="additional_date_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["place", "held_on", "starts_at"],
                condition=~Q(state="cancelled"),
                name="session_once_a_place_and_time",
            ),
        ]
        indexes = [
            models.Index(fields=["testing_org", "held_on"], name="sessions_of_testing_org"),
            models.Index(fields=["held_on"], name="sessions_by_day"),
        ]

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def state_name(self) -> str:
        return rules.SESSION_NAMES[rules.SessionState(self.state)]

    def facts(self, *, free_reserve_kits: int = 0, next_days: tuple = ()) -> rules.SessionFacts:
        """What the rules need to know; `schedule` and `place` are to be loaded with it."""
        return rules.SessionFacts(
            held_on=self.held_on,
            grades=frozenset(self.grades),
            testing_org=self.testing_org_id,
            free_places=self.free,
            approved=self.schedule.state == rules.ScheduleState.APPROVED,
            state=rules.SessionState(self.state),
            accessible=self.place.accessible,
            free_reserve_kits=free_reserve_kits,
            results_official_on=self.results_official_on,
            next_days=next_days,
        )


class Booking(models.Model):
    """A seat taken for a referral. One live booking for a referral."""

    referral = models.ForeignKey("admissions.Referral", models.PROTECT, related_name="bookings")
    session = models.ForeignKey(TestSession, models.PROTECT, related_name="bookings")
    state = models.CharField(max_length=20, choices=[(s, s) for s in rules.BookingState])
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    in_person = models.CharField(max_length=20, choices=[(s, s) for s in rules.InPerson])
    identity_document = models.CharField(max_length=60, blank=True)  # its kind, never its number
    uses_reserve_kit = models.BooleanField(default=False)
    moved_from = models.ForeignKey("self", models.PROTECT, null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)
    request_key = models.CharField(max_length=60, blank=True)
    decided_under = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)  # shown when it was made

    class Meta:
        triggers = [guards.follows(rules.TRANSITIONS, name="booking_follows_rules")]
        constraints = [
            models.UniqueConstraint(
                fields=["referral"], condition=Q(state="confirmed"), name="one_live_booking"
            ),
            models.UniqueConstraint(
                fields=["request_key"], condition=~Q(request_key=""), name="one_booking_a_request"
            ),
        ]
        indexes = [models.Index(fields=["session", "state"], name="bookings_of_session")]

    @property
    def state_name(self) -> str:
        return rules.STATE_NAMES[rules.BookingState(self.state)]
