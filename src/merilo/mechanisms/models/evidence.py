"""What was behind the links: documents as they were, and when somebody went to look."""

from django.db import models
from django.db.models import Q

from merilo.foundation import guards
from merilo.foundation.fetching import Use
from merilo.mechanisms.rules import evidence

from .submission import Link, Submission


class Document(models.Model):
    """A document that was brought, kept once however many links lead to it."""

    sha256 = models.CharField(max_length=64, unique=True)
    # What a change is told by: of a document its bytes, of a page of a site its words.
    fingerprint = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)  # foundation.fetching.Kind
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    size = models.PositiveIntegerField()
    title = models.CharField(max_length=300, blank=True)
    page_count = models.PositiveIntegerField(null=True)
    pages_are_exact = models.BooleanField(default=False)
    # Of a text that every machine lays out anew: the most pages it can have.
    pages_at_most = models.PositiveIntegerField(null=True)
    asks_password = models.BooleanField(default=False)
    trouble = models.CharField(max_length=10, blank=True)  # why it could not be read, if so
    is_shortened = models.BooleanField(default=False)
    files_linked = models.JSONField(default=list)  # of a page of a site: [address, words]
    first_seen_at = models.DateTimeField()


class DocumentPage(models.Model):
    """A page of a document as the expert sees it: its words, and its picture where it was drawn."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200, blank=True)  # of a sheet
    text = models.TextField(blank=True)
    picture = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, related_name="drawn_pages"
    )
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["document", "number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="one_page_of_a_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="pages_from_one"),
        ]

    @property
    def cells(self) -> list[list[str]]:
        """The rows of a sheet."""
        return [line.split("\t") for line in self.text.split("\n")]


OUTCOMES = [(one.value, one.value) for one in evidence.Outcome]
KEPT = ~Q(outcome=evidence.Outcome.OPENED.value) | Q(document__isnull=False)


class Visit(models.Model):
    """Somebody went to an address and saw this. Written once.

    An address that was given as closed is visited for those materials alone: what their password
    opens is not shown to others who name the same address.
    """

    address = models.TextField()  # as rules.evidence.spelling has it
    key = models.CharField(max_length=64)  # of the address: itself it may be longer than an index
    at = models.DateTimeField()
    opened_for = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    # What became of the password; itself it is never kept here.
    access = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in Use], blank=True
    )
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP
    final_address = models.TextField(blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="visits")

    class Meta:
        triggers = [guards.written_once(name="visit_written_once")]
        indexes = [models.Index(fields=["key", "-at"], name="visits_of_address")]
        constraints = [models.CheckConstraint(condition=KEPT, name="what_opened_was_kept")]


class Attachment(models.Model):
    """A file that the visited page leads to, as it was at that visit. Written once."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="attachments")
    seq = models.PositiveSmallIntegerField()
    address = models.TextField()
    words = models.CharField(max_length=300, blank=True)  # of the link that leads to it
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    status = models.PositiveSmallIntegerField(null=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="attached")

    class Meta:
        ordering = ["visit", "seq"]
        triggers = [guards.written_once(name="attachment_written_once")]
        constraints = [
            models.UniqueConstraint(fields=["visit", "seq"], name="attachments_by_number"),
            models.CheckConstraint(condition=KEPT, name="attached_that_opened_was_kept"),
        ]


class Exhibit(models.Model):
    """What stood behind a link when the materials were submitted. Written once.

    Materials taken back and submitted again have exhibits of each time.
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="exhibits")
    link = models.ForeignKey(Link, models.CASCADE, related_name="exhibits")
    submitted_at = models.DateTimeField()
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "submitted_at"], name="one_exhibit_a_time")
        ]
