"""What is owed on a case, what was handed from one organisation to another, what was said to people."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from merilo.foundation import guards

from . import rules


class Duty(models.Model):
    """One thing that a role in an organisation must do, until when, and under which paragraph.

    Rows are derived: each context computes the duties of its subject from facts and replaces them
    in the same transaction (`steps.replace_duties`), so a queue can never disagree with the case.
    """

    subject = models.CharField(max_length=60)  # "application:12", "session:5"
    case_id = models.BigIntegerField(null=True)  # the application, where there is one
    kind = models.CharField(max_length=60)
    organisation = models.ForeignKey(
        "registry.Organisation", models.PROTECT, related_name="duties"
    )
    role = models.CharField(max_length=20)
    position = models.ForeignKey("registry.Position", models.PROTECT, null=True)  # personal duties
    label = models.CharField(max_length=120)  # «Заявление № 025-0431», no names
    detail = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    due_on = models.DateField(
        null=True
    )  # null: no term in the act, or the calendar is not published
    due_at = models.DateTimeField(null=True)  # for terms with an hour
    due_unknown = models.CharField(max_length=200, blank=True)
    act = models.CharField(max_length=60, blank=True)
    paragraph = models.CharField(max_length=120, blank=True)
    parameter = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind", "organisation", "position"],
                nulls_distinct=False,
                name="duty_once",
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "role", "due_on"], name="duties_of_organisation"),
            models.Index(fields=["case_id"], name="duties_of_case"),
            models.Index(fields=["subject"], name="duties_of_subject"),
            models.Index(fields=["due_on"], name="duties_by_term"),
        ]


class Dispatch(models.Model):
    """A handing over between organisations inside the platform: the protected channel of the acts."""

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=60)
    case_id = models.BigIntegerField(null=True)
    sender = models.ForeignKey("registry.Organisation", models.PROTECT, related_name="dispatches")
    recipient = models.ForeignKey("registry.Organisation", models.PROTECT, related_name="received")
    label = models.CharField(max_length=120)
    due_on = models.DateField(null=True)
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    sent_late = models.BooleanField(default=False)
    decided_under = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "about", "recipient"], name="dispatch_once"),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True) | Q(sent_at__isnull=False),
                name="dispatch_received_after_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-sent_at"], name="dispatches_received"),
            models.Index(fields=["sender", "-sent_at"], name="dispatches_sent"),
            models.Index(fields=["case_id"], name="dispatches_of_case"),
            models.Index(
                fields=["recipient"],
                condition=Q(received_at__isnull=True),
                name="not_received_yet",
            ),
        ]


class Notice(models.Model):
    """A letter to a person. `key` makes it once and only once; the state is kept to the end."""

    key = models.CharField(max_length=120, unique=True)
    template = models.CharField(max_length=60)
    case_id = models.BigIntegerField(null=True)
    organisation = models.ForeignKey("registry.Organisation", models.PROTECT, null=True)
    channel = models.CharField(max_length=20, choices=[(c, c) for c in rules.Channel])
    address = models.CharField(max_length=300)
    language = models.CharField(max_length=5, default="ru")
    subject = models.CharField(max_length=200)  # never a name
    body = models.TextField()
    attachment = models.ForeignKey("files.StoredFile", models.PROTECT, null=True)
    state = models.CharField(max_length=20, choices=[(s, s) for s in rules.NoticeState])
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=20, blank=True, choices=[(f, f) for f in rules.Failure])
    error = models.CharField(max_length=300, blank=True)  # in the words of the mail server
    next_try_at = models.DateTimeField(null=True)  # null after a failure: a person must decide

    class Meta:
        triggers = [guards.follows(rules.NOTICE_TRANSITIONS, name="notice_follows_rules")]
        indexes = [
            models.Index(fields=["state", "created_at"], name="notices_waiting"),
            models.Index(fields=["case_id"], name="notices_of_case"),
            models.Index(fields=["organisation", "-created_at"], name="notices_of_organisation"),
        ]
