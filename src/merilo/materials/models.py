"""Variants of the diagnostic materials by number; their content is never kept here."""

from django.db import models


class Variant(models.Model):
    """A variant of one part for one grade; written variants name their listening text."""

    grade = models.PositiveSmallIntegerField()
    part = models.CharField(max_length=10)  # law.Part
    number = models.CharField(max_length=20)
    listening_text = models.CharField(max_length=40, blank=True)
    received_on = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grade", "part", "number"], name="variant_number_once"
            ),
            models.CheckConstraint(
                condition=models.Q(grade__gte=1, grade__lte=11), name="variant_grade_1_to_11"
            ),
        ]


class ReserveKit(models.Model):
    """Kits a testing organisation holds beside the monthly request, by grade."""

    testing_org = models.ForeignKey("registry.Organisation", models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField()
    free = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["testing_org", "grade"], name="reserve_once_a_grade")
        ]
