"""Experts, what they are appointed to, their marks of every round, what stands, objections."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from merilo.foundation import guards
from merilo.mechanisms.rules import expertise, harmonisation

from .criteria import Criterion
from .submission import Link, Submission


def named(enum) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in enum]


class Expert(models.Model):
    """A person on the region's list of experts; his position gives him the role."""

    position = models.OneToOneField("registry.Position", models.PROTECT, related_name="+")
    region = models.ForeignKey("registry.Organisation", models.PROTECT, related_name="+")
    # Codes of directions he is a specialist in; empty for all.
    directions = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    most_positions = models.PositiveSmallIntegerField(null=True)  # no limit named
    included_at = models.DateTimeField()
    excluded_at = models.DateTimeField(null=True)


class Tie(models.Model):
    """A municipality the expert must not score, by his own word or the operator's."""

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="ties")
    municipality = models.ForeignKey("registry.Organisation", models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("registry.Account", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["expert", "municipality"], name="tie_declared_once")
        ]


class Appointment(models.Model):
    """One expert on one direction of one submission: all its positions, whole."""

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="appointments")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="appointments")
    direction = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    third = models.BooleanField(default=False)  # decides where the first ones did not agree
    state = models.CharField(max_length=10, choices=named(expertise.AppointmentState))
    appointed_at = models.DateTimeField()
    appointed_by = models.ForeignKey("registry.Account", models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [
            guards.follows(
                expertise.APPOINTMENT_TRANSITIONS, name="mechanism_appointment_follows_rules"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["expert", "submission", "direction"], name="appointed_once_to_a_direction"
            ),
            models.UniqueConstraint(
                fields=["submission", "direction"],
                condition=Q(third=True),
                name="one_third_expert_a_direction",
            ),
        ]
        indexes = [models.Index(fields=["expert", "state"], name="appointments_of_expert")]


class Mark(models.Model):
    """An expert's mark of one position in one round. A finished blind mark is never changed.

    What he proposes in the harmonisation is kept in every version; the last one is in force.
    """

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="marks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    round = models.CharField(max_length=10, choices=named(harmonisation.Round))
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(
        max_length=10,
        choices=named(expertise.AppointmentState),
        default=expertise.AppointmentState.OPEN,
    )
    points = models.DecimalField(max_digits=8, decimal_places=2)
    comment = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        triggers = [
            guards.settled(
                "points", "comment", "round", while_not="open", name="finished_marks_are_kept"
            ),
            guards.written_once(
                name="proposals_written_once",
                where={"round": harmonisation.Round.HARMONISED.value},
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "criterion", "round", "version"],
                name="one_mark_a_round_and_version",
            ),
            models.CheckConstraint(
                condition=Q(version=1) | Q(round=harmonisation.Round.HARMONISED.value),
                name="only_proposals_have_versions",
            ),
            models.CheckConstraint(condition=Q(points__gte=0), name="points_not_below_zero"),
        ]

    @property
    def grounds(self) -> list[str]:
        """The codes of its deductions."""
        return sorted(one.code for one in self.deductions.all())


class Deduction(models.Model):
    """Points taken off by a ground of the source; the amount is the region's, or unknown."""

    mark = models.ForeignKey(Mark, models.CASCADE, related_name="deductions")
    code = models.CharField(max_length=2, choices=named(expertise.DeductionCode))
    amount = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mark", "code"], name="ground_once_a_mark")]


class LeftOut(models.Model):
    """A link an expert does not count: a news feed, or an event without its documents."""

    mark = models.ForeignKey(Mark, models.CASCADE, related_name="left_out")
    link = models.ForeignKey(Link, models.PROTECT, related_name="+")
    code = models.CharField(max_length=2, choices=named(expertise.Exclusion))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mark", "link"], name="link_left_out_once")]


class Dispute(models.Model):
    """Two experts did not agree on a position; the third decides."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="disputes")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    # The expert who gave up; null where the marks were too far apart by the region's own rule.
    raised_by = models.ForeignKey(Appointment, models.PROTECT, null=True, related_name="+")
    why = models.TextField(blank=True)
    raised_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "criterion"], name="one_dispute")
        ]


class Settlement(models.Model):
    """The mark of a position that stands, with what the deductions left of it; versions are kept."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="settlements")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    basis = models.CharField(max_length=10, choices=named(harmonisation.Basis))
    points = models.DecimalField(max_digits=8, decimal_places=2)
    deductions = ArrayField(models.CharField(max_length=2), default=list)
    unpriced = ArrayField(models.CharField(max_length=2), default=list)  # no amount was set
    # After deductions; null where the region set no floor and it would be needed.
    net = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    decided_under = models.JSONField(default=dict)
    settled_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "criterion", "version"], name="settlement_version_once"
            ),
            models.UniqueConstraint(
                fields=["submission", "criterion"],
                condition=Q(superseded_at__isnull=True),
                name="one_settled_mark",
            ),
        ]


class Objection(models.Model):
    """A municipality asks to look at the mark of a position again."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="objections")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    text = models.TextField()
    state = models.CharField(max_length=10, choices=named(harmonisation.ObjectionState))
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey("registry.Account", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    explanation = models.TextField(blank=True)

    class Meta:
        triggers = [
            guards.follows(
                harmonisation.OBJECTION_TRANSITIONS, name="mechanism_objection_follows_rules"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "criterion"],
                condition=Q(state="filed"),
                name="one_open_objection_a_position",
            )
        ]
