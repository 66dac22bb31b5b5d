import uuid

from django.conf import settings
from django.db import models


class StoredFile(models.Model):
    """A file kept encrypted at rest: its own key, wrapped by the key of the installation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    wrapped_key = models.BinaryField()
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stored_file"
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gte=0), name="stored_file_has_a_size")
        ]
