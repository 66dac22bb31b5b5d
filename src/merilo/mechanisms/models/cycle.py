"""The map of the management cycle a municipality draws, and what experts decide of its gaps."""

from django.db import models
from django.db.models import F, Q

from merilo.foundation import guards
from merilo.mechanisms.rules import cycle, expertise, tree

from .criteria import Criterion
from .expertise import Appointment, named
from .submission import Link, Submission


class ChainNode(models.Model):
    """One goal, indicator, survey, measure … of a track."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="chain")
    track = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    component = models.CharField(max_length=20, choices=named(tree.Component))
    title = models.CharField(max_length=500)
    link = models.ForeignKey(Link, models.SET_NULL, null=True, related_name="+")  # its document
    from_schools = models.BooleanField(default=False)  # it collects information from schools
    needs = models.BooleanField(default=False)  # it holds data on pupils' needs

    class Meta:
        ordering = ["pk"]


class ChainLink(models.Model):
    """An arrow of the map, from an earlier part of the cycle to a later one."""

    here = models.ForeignKey(ChainNode, models.CASCADE, related_name="leads_to")
    to = models.ForeignKey(ChainNode, models.CASCADE, related_name="follows")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["here", "to"], name="chain_joined_once"),
            models.CheckConstraint(condition=~Q(here=F("to")), name="chain_joins_two"),
        ]


class Ruling(models.Model):
    """What an expert decided of a candidate on the map, or of an indicator. His own: it is blind.

    A decision is not changed: another one follows it, and the last is in force.
    """

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="rulings")
    track = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    node = models.ForeignKey(ChainNode, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(
        max_length=30, choices=[*named(cycle.GapKind), *named(cycle.Judgement)]
    )
    code = models.CharField(max_length=2, choices=named(expertise.DeductionCode))
    confirmed = models.BooleanField()
    explanation = models.TextField()
    version = models.PositiveSmallIntegerField(default=1)
    ruled_at = models.DateTimeField()

    class Meta:
        triggers = [guards.written_once(name="ruling_written_once")]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "track", "node", "kind", "version"],
                name="one_ruling_a_candidate_and_version",
                nulls_distinct=False,
            )
        ]
