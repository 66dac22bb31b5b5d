from django.db import models


class OneTimeCode(models.Model):
    """A code that opens one thing once, for a short time. Only a keyed hash of it is kept."""

    subject = models.CharField(max_length=80)
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    tries_left = models.PositiveSmallIntegerField(default=5)

    class Meta:
        db_table = "one_time_code"
        indexes = [models.Index(fields=["subject", "-made_at"], name="codes_of_subject")]
