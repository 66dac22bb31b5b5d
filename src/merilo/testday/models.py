"""The test day: its commission, what was made ready, who came, what happened to each attempt."""

from django.db import models
from django.db.models import F, Q

from merilo.foundation import guards

from . import rules


def choices(enum) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in enum]


class Commission(models.Model):
    """A commission approved by a local act of the testing organisation (R1.4.4.10)."""

    testing_org = models.ForeignKey(
        "registry.Organisation", models.PROTECT, related_name="commissions"
    )
    order_ref = models.CharField(max_length=120)
    approved_on = models.DateField()
    dissolved_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["testing_org", "order_ref"], name="commission_order_once"
            )
        ]


class CommissionMember(models.Model):
    """A member of a commission; `position` is his work in the testing organisation."""

    commission = models.ForeignKey(Commission, models.PROTECT, related_name="members")
    position = models.ForeignKey("registry.Position", models.PROTECT, related_name="memberships")
    is_chair = models.BooleanField(default=False)
    experience_years = models.PositiveSmallIntegerField(null=True, blank=True)
    qualified = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["commission", "position"], name="member_once"),
            models.UniqueConstraint(
                fields=["commission"], condition=Q(is_chair=True), name="one_chair_a_commission"
            ),
        ]


class SessionDay(models.Model):
    """The day as it is carried out; one for each test session."""

    session = models.OneToOneField("booking.TestSession", models.PROTECT, related_name="day")
    commission = models.ForeignKey(
        Commission, models.PROTECT, null=True, blank=True, related_name="days"
    )
    state = models.CharField(
        max_length=20,
        choices=choices(rules.SessionDayState),
        default=rules.SessionDayState.PLANNED,
    )
    oral_scheme = models.CharField(
        max_length=10, choices=choices(rules.OralScheme), default=rules.OralScheme.LIVE
    )
    staffing_order = models.CharField(max_length=120, blank=True)
    audio_tested_at = models.DateTimeField(null=True)
    video_tested_at = models.DateTimeField(null=True)
    rooms_isolated_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)
    briefed_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    protocol_number = models.CharField(max_length=30, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        triggers = [guards.follows(rules.DAY_TRANSITIONS, name="day_follows_rules")]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(started_at__lte=F("finished_at")),
                name="day_finishes_after_it_starts",
            )
        ]


class DayAssignment(models.Model):
    """A duty of the day given to a member or helper (F.12)."""

    day = models.ForeignKey(SessionDay, models.PROTECT, related_name="assignments")
    position = models.ForeignKey("registry.Position", models.PROTECT, related_name="day_duties")
    role = models.CharField(max_length=20, choices=choices(rules.DayRole))
    room = models.ForeignKey("registry.Room", models.PROTECT, null=True, blank=True)
    present = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "position", "role", "room"],
                nulls_distinct=False,
                name="day_duty_once",
            )
        ]


class UniqueCode(models.Model):
    """NNNOOOKK of a child (R1.8.2). Never parsed for logic, never given to anyone else."""

    code = models.CharField(max_length=8, unique=True)
    person = models.ForeignKey("registry.Person", models.PROTECT, related_name="codes")
    school_code = models.CharField(max_length=3)
    grade = models.PositiveSmallIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], name="one_code_a_person"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{8}$"), name="code_is_8_digits"
            ),
        ]
        indexes = [models.Index(fields=["school_code", "grade"], name="codes_of_school")]


class Attempt(models.Model):
    """Участие: one child's test on one day."""

    booking = models.OneToOneField("booking.Booking", models.PROTECT, related_name="attempt")
    application = models.ForeignKey(
        "admissions.Application", models.PROTECT, related_name="attempts"
    )
    person = models.ForeignKey("registry.Person", models.PROTECT, related_name="attempts")
    day = models.ForeignKey(SessionDay, models.PROTECT, related_name="attempts")
    held_on = models.DateField()
    grade = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=20)  # law.Form
    attempt_no = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=8)
    state = models.CharField(max_length=30, choices=choices(rules.AttemptState))
    state_since = models.DateTimeField()
    checked_in_at = models.DateTimeField()
    checked_in_by = models.ForeignKey(
        "registry.Account", models.PROTECT, null=True, related_name="+"
    )
    child_document = models.CharField(max_length=60)
    representative_document = models.CharField(max_length=60, blank=True)
    room_oral = models.ForeignKey(
        "registry.Room", models.PROTECT, null=True, blank=True, related_name="+"
    )
    room_written = models.ForeignKey(
        "registry.Room", models.PROTECT, null=True, blank=True, related_name="+"
    )
    written_slot = models.PositiveSmallIntegerField(default=1)  # turn in the written room
    variant_oral = models.ForeignKey(
        "materials.Variant", models.PROTECT, null=True, blank=True, related_name="+"
    )
    variant_written = models.ForeignKey(
        "materials.Variant", models.PROTECT, null=True, blank=True, related_name="+"
    )
    briefed_at = models.DateTimeField(null=True)
    oral_started_at = models.DateTimeField(null=True)
    oral_finished_at = models.DateTimeField(null=True)
    written_started_at = models.DateTimeField(null=True)
    written_finished_at = models.DateTimeField(null=True)
    audio = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+"
    )
    work = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+"
    )
    interrupted_then = models.CharField(
        max_length=20, choices=choices(rules.AfterInterruption), blank=True
    )  # what follows from breaking off, fixed when it happened
    annulled_reason = models.CharField(max_length=20, blank=True)
    annulled_note = models.CharField(max_length=500, blank=True)
    annulled_at = models.DateTimeField(null=True)
    annulled_by = models.ForeignKey(
        "registry.Position", models.PROTECT, null=True, related_name="+"
    )
    decided_under = models.JSONField(default=dict)

    class Meta:
        triggers = [guards.follows(rules.ATTEMPT_TRANSITIONS, name="attempt_follows_rules")]
        constraints = [
            models.UniqueConstraint(fields=["held_on", "grade", "code"], name="code_once_a_day"),
            models.CheckConstraint(
                condition=(Q(annulled_at__isnull=True) & Q(annulled_reason=""))
                | (Q(annulled_at__isnull=False) & ~Q(annulled_reason="")),
                name="annulled_when_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["day", "state"], name="attempts_of_day"),
            models.Index(fields=["application"], name="attempts_of_application"),
            models.Index(fields=["person"], name="attempts_of_person"),
        ]


class Incident(models.Model):
    """Something that happened on the day and goes into the protocol."""

    day = models.ForeignKey(SessionDay, models.PROTECT, related_name="incidents")
    attempt = models.ForeignKey(Attempt, models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
