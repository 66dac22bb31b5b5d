"""Criteria by year. An edition on which a cycle stands is frozen for ever."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from merilo.foundation import guards
from merilo.mechanisms.rules import states, tree


class CriteriaEdition(models.Model):
    """The criteria of a year: federal ones from the archive, or the region's own."""

    code = models.CharField(max_length=60, unique=True)  # «mum-2022»
    title = models.CharField(max_length=300)
    year = models.PositiveSmallIntegerField()
    federal = models.BooleanField(default=False)
    source = models.CharField(max_length=300, blank=True)  # the act, or the region's own order
    note = models.TextField(blank=True)
    # What a position that does not apply does to the maximum; see rules.tree.Renormalisation.
    renormalisation = models.CharField(
        max_length=20, choices=[(one, one) for one in tree.Renormalisation]
    )
    state = models.CharField(max_length=10, choices=[(one, one) for one in states.EditionState])
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField(null=True)
    # Of the whole tree as the exchange format writes it, from the freezing on.
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        triggers = [
            guards.follows(states.EDITION_TRANSITIONS, name="criteria_edition_follows_rules"),
            guards.settled(
                "code", "title", "year", "renormalisation", while_not="draft",
                name="criteria_edition_frozen",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


# A guard of `foundation` looks at its own row; here the state is in the row of the edition.
UNDER_A_CYCLE = """
IF TG_OP = 'INSERT' THEN held := NEW.edition_id; ELSE held := OLD.edition_id; END IF;
IF EXISTS (SELECT 1 FROM mechanisms_criteriaedition WHERE id = held AND state = 'frozen') THEN
    RAISE EXCEPTION 'criteria of a frozen edition do not change';
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


class Criterion(models.Model):
    """A node of the tree of an edition."""

    edition = models.ForeignKey(CriteriaEdition, models.CASCADE, related_name="criteria")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="below")
    kind = models.CharField(max_length=10, choices=[(one, one) for one in tree.Kind])
    code = models.CharField(max_length=60)
    title = models.TextField()
    seq = models.PositiveIntegerField()  # its place in the whole edition, in the order of the form
    points = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    cap = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    weight = models.DecimalField(max_digits=8, decimal_places=4, default=1)
    shape = models.CharField(max_length=1, blank=True, choices=[(one, one) for one in tree.Shape])
    component = models.CharField(
        max_length=20, blank=True, choices=[(one, one) for one in tree.Component]
    )
    special = ArrayField(models.CharField(max_length=4), default=list)  # see rules.tree.Special
    may_not_apply = models.BooleanField(default=False)
    printed_percent = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["edition", "seq"]
        triggers = [
            pgtrigger.Trigger(
                name="criteria_frozen_with_edition",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("held", "BIGINT")],
                func=UNDER_A_CYCLE,
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="criterion_code_once"),
            models.UniqueConstraint(fields=["edition", "seq"], name="criterion_seq_once"),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0), name="criterion_points_exist"
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="criterion_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class CriteriaMatch(models.Model):
    """What a criterion of a later year was called earlier; no counterpart is said, not left out.

    Many rows may lead to one criterion: several directions were joined.
    """

    earlier_edition = models.ForeignKey(CriteriaEdition, models.CASCADE, related_name="+")
    later_edition = models.ForeignKey(CriteriaEdition, models.CASCADE, related_name="+")
    earlier = models.ForeignKey(Criterion, models.CASCADE, null=True, related_name="later_ones")
    later = models.ForeignKey(Criterion, models.CASCADE, null=True, related_name="earlier_ones")
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(earlier__isnull=False) | Q(later__isnull=False),
                name="criteria_match_of_something",
            ),
            models.UniqueConstraint(
                fields=["earlier", "later"], name="criteria_match_once", nulls_distinct=True
            ),
        ]
