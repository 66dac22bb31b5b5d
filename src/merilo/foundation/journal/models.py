from django.conf import settings
from django.db import models


class JournalEntry(models.Model):
    """Who did or saw what, and when. Rows are only ever added; each is sealed to the one before.

    `seq`, `prev_hash` and `hash` are filled by the database (see migration 0002): one chain for
    each organisation, so that organisations do not wait for one another.
    """

    class Kind(models.TextChoices):
        ACT = "act", "действие"
        VIEW = "view", "просмотр персональных данных"
        DENIED = "denied", "отказ в доступе"

    chain = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    event = models.CharField(max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    position = models.ForeignKey("registry.Position", models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(
        "registry.Organisation", models.PROTECT, null=True, related_name="+"
    )
    about = models.CharField(max_length=80, blank=True)
    case_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    prev_hash = models.BinaryField(default=bytes)
    hash = models.BinaryField(default=bytes)

    class Meta:
        db_table = "journal_entry"
        indexes = [
            models.Index(fields=["case_id", "at"], name="journal_by_case"),
            models.Index(fields=["organisation", "-at"], name="journal_by_organisation"),
            models.Index(fields=["-at"], name="journal_by_time"),
            models.Index(fields=["about"], name="journal_by_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="journal_one_entry_a_place")
        ]


class JournalHead(models.Model):
    """The last link of each chain. Written by the database only."""

    chain = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "journal_head"


class JournalAnchor(models.Model):
    """The heads of all chains at a moment, digested; a copy is kept outside the database."""

    at = models.DateTimeField()
    heads = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "journal_anchor"
