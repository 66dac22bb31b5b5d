"""Results of attempts, and the column map of the collecting form."""

from django.db import models

from merilo.foundation import guards

from . import rules


class Result(models.Model):
    """What the commission consolidated for one attempt, with the specification of that day."""

    attempt = models.OneToOneField("testday.Attempt", models.PROTECT, related_name="result")
    application = models.ForeignKey(
        "admissions.Application", models.PROTECT, related_name="results"
    )
    # Of the day's session. Here once more because every list of the organisation goes by it.
    testing_org = models.ForeignKey("registry.Organisation", models.PROTECT, related_name="+")
    held_on = models.DateField()
    grade = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=20)
    spec_id = models.CharField(max_length=60)
    mode = models.CharField(max_length=30)
    spec = models.JSONField()  # the specification as it was applied, for ever
    points = models.JSONField(default=dict)
    oral_sum = models.PositiveSmallIntegerField(null=True)
    written_sum = models.PositiveSmallIntegerField(null=True)
    total = models.PositiveSmallIntegerField(null=True)
    percent = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    reached_total = models.BooleanField(null=True)
    reached_oral = models.BooleanField(null=True)
    annulled = models.BooleanField(default=False)
    passed = models.BooleanField()
    state = models.CharField(
        max_length=20, choices=[(s.value, s.value) for s in rules.ResultState]
    )
    consolidated_at = models.DateTimeField()
    consolidated_by = models.ForeignKey(
        "registry.Account", models.PROTECT, null=True, related_name="+"
    )
    commission_protocol = models.CharField(max_length=40)
    official_on = models.DateField(null=True)
    identity_checked_by = models.ForeignKey(
        "registry.Account", models.PROTECT, null=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True)
    school_due = models.DateField(null=True)
    received_at = models.DateTimeField(null=True)  # by the school
    parent_due = models.DateField(null=True)
    informed_at = models.DateTimeField(null=True)
    informed_how = models.CharField(max_length=40, blank=True)
    on_portal = models.BooleanField(default=False)  # shown in the parent's portal account (F.25)
    decided_under = models.JSONField(default=dict)

    class Meta:
        triggers = [guards.follows(rules.TRANSITIONS, name="result_follows_rules")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(annulled=False) | models.Q(passed=False),
                name="annulled_is_not_passed",
            ),
            models.CheckConstraint(
                condition=models.Q(released_at__isnull=True)
                | models.Q(identity_checked_by__isnull=False),
                name="released_after_a_second_pair_of_eyes",
            ),
        ]
        indexes = [
            models.Index(fields=["application"], name="results_of_application"),
            models.Index(fields=["state"], name="results_by_state"),
            models.Index(fields=["held_on"], name="results_by_day"),
            models.Index(fields=["testing_org", "-held_on", "-id"], name="results_of_testing_org"),
        ]


class ColumnMap(models.Model):
    """How the collecting form R1.П2 is laid out: its printed columns are not published."""

    name = models.CharField(max_length=120, unique=True)
    columns = models.JSONField()  # [{key, heading}]
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
