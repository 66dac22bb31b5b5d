"""Specifications a region loads; protocols of marking, one for each part, every version kept."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from merilo.foundation import guards

from . import rules


class Specification(models.Model):
    """A scoring specification loaded by the region; the data is what law.scoring reads."""

    spec_id = models.CharField(max_length=60, unique=True)
    grades = ArrayField(models.PositiveSmallIntegerField())
    form = models.CharField(max_length=20)
    valid_from = models.DateField()
    data = models.JSONField()
    source = models.CharField(max_length=300)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)


class MarkProtocol(models.Model):
    """Протокол проверки ответов. The marker sees the code, never the name."""

    attempt = models.ForeignKey("testday.Attempt", models.PROTECT, related_name="protocols")
    part = models.CharField(max_length=10)  # law.Part
    version = models.PositiveSmallIntegerField(default=1)
    version_reason = models.CharField(
        max_length=20,
        choices=[(r.value, r.value) for r in rules.VersionReason],
        default=rules.VersionReason.INITIAL,
    )
    expert = models.ForeignKey("registry.Position", models.PROTECT, related_name="protocols")
    state = models.CharField(
        max_length=20, choices=[(s.value, s.value) for s in rules.ProtocolState]
    )
    points = models.JSONField(default=dict)  # criterion code -> whole number or null
    part_total = models.PositiveSmallIntegerField(null=True)  # while criteria are not loaded
    typed_total = models.PositiveSmallIntegerField(null=True)  # what the expert summed by hand
    spec_id = models.CharField(max_length=60)
    explanation = models.CharField(max_length=500, blank=True)  # why there is a new version
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [
            guards.follows(rules.TRANSITIONS, name="protocol_follows_rules"),
            guards.settled(
                "points",
                "part_total",
                "typed_total",
                "spec_id",
                while_not="draft",
                name="signed_marks_are_kept",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "part", "version"], name="version_once"),
            models.UniqueConstraint(
                fields=["attempt", "part"],
                condition=~Q(state="superseded"),
                name="one_live_protocol_a_part",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["signed", "locked"]) | Q(signed_at__isnull=False),
                name="signed_protocol_has_a_date",
            ),
        ]
        indexes = [models.Index(fields=["expert", "state"], name="protocols_of_expert")]
