"""The yearly run of a region and what each municipality gives in it."""

from django.db import models
from django.db.models import Q

from merilo.foundation import guards
from merilo.mechanisms.rules import states

from .criteria import CriteriaEdition, Criterion


class Cycle(models.Model):
    """A region's yearly run on one frozen edition of the criteria."""

    region = models.ForeignKey("registry.Organisation", models.PROTECT, related_name="+")
    edition = models.ForeignKey(CriteriaEdition, models.PROTECT, related_name="cycles")
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=[(one, one) for one in states.CycleState])
    submit_by = models.DateField()  # the last day on which materials are taken, inclusive
    closed_at = models.DateTimeField(null=True)
    # The last day of objections, inclusive; null where the region set no term when they opened.
    object_by = models.DateField(null=True)
    objections_closed_at = models.DateTimeField(null=True)  # the clock noted that the day is over
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    decided_under = models.JSONField(default=dict)  # the values of the law layer it runs by

    class Meta:
        triggers = [guards.follows(states.CYCLE_TRANSITIONS, name="mechanism_cycle_follows_rules")]
        indexes = [models.Index(fields=["region", "-year"], name="mechanism_cycles_of_region")]

    def __str__(self) -> str:
        return self.title

    @property
    def state_name(self) -> str:
        return states.CYCLE_NAMES[states.CycleState(self.state)]


class Submission(models.Model):
    """The materials of one municipality in one cycle."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="submissions")
    organisation = models.ForeignKey("registry.Organisation", models.PROTECT, related_name="+")
    territory = models.ForeignKey("registry.Territory", models.PROTECT, related_name="+")
    state = models.CharField(max_length=14, choices=[(one, one) for one in states.SubmissionState])
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    self_checked_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        "registry.Account", models.PROTECT, null=True, related_name="+"
    )
    filled_from = models.ForeignKey("self", models.PROTECT, null=True)  # last year's form
    warnings = models.JSONField(default=list)  # shown when it was submitted

    class Meta:
        triggers = [
            guards.follows(
                states.SUBMISSION_TRANSITIONS, name="mechanism_submission_follows_rules"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "organisation"], name="one_submission_a_municipality"
            )
        ]

    @property
    def state_name(self) -> str:
        return states.SUBMISSION_NAMES[states.SubmissionState(self.state)]


class ClusterMember(models.Model):
    """In which cluster of a dimension a municipality stands in this run. Both are the region's words."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="clusters")
    dimension = models.CharField(max_length=80)
    cluster = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "dimension"], name="one_cluster_of_a_dimension"
            )
        ]


class Answer(models.Model):
    """What the municipality says of one position: links, or that it does not apply and why."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="answers")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    not_applicable = models.BooleanField(default=False)
    reason = models.TextField(blank=True)  # why it does not apply
    # Grows with every change: who saves over a change he has not seen is told so.
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "criterion"], name="one_answer_a_position"
            )
        ]


class Link(models.Model):
    """A link of the form: the document it leads to, its pages, and how it shows the position."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="links")
    seq = models.PositiveSmallIntegerField()
    url = models.CharField(max_length=2000, blank=True)  # as it was typed
    document_name = models.CharField(max_length=500, blank=True)
    # How many pages the municipality says it has, before the evidence worker has counted them.
    page_count = models.PositiveIntegerField(null=True)
    pages = models.CharField(max_length=200, blank=True)  # «3–5, 8»
    comment = models.TextField(blank=True)
    closed_access = models.BooleanField(default=False)
    # Shape A: the regional document the municipal one refers to, and the measure it names.
    regional_document = models.CharField(max_length=500, blank=True)
    regional_measure = models.TextField(blank=True)

    class Meta:
        ordering = ["answer", "seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "seq"],
                name="one_link_a_row",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="link_rows_from_one"),
        ]


class AccessSecret(models.Model):
    """The login and password of a closed page: sealed, shown to few, forgotten after its day."""

    link = models.OneToOneField(Link, models.CASCADE, related_name="secret")
    sealed = models.BinaryField()  # empty once it is forgotten
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    expires_on = models.DateField()
    forgotten_at = models.DateTimeField(null=True)
