from django.db import models


class CallCount(models.Model):
    """How often something was asked in one stretch of time: «token:12» since 09:01."""

    subject = models.CharField(max_length=80)
    since = models.DateTimeField()
    calls = models.PositiveIntegerField()

    class Meta:
        db_table = "call_count"
        constraints = [
            models.UniqueConstraint(fields=["subject", "since"], name="call_count_once")
        ]
        indexes = [models.Index(fields=["since"], name="call_counts_by_time")]
