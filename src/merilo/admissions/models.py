"""Applications, their documents, decisions and referrals."""

from django.db import models
from django.db.models import F, Q

from merilo.foundation import guards

from . import rules


def choices(enum) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in enum]


class Application(models.Model):
    """Заявление о приёме: the case that everything on the road belongs to."""

    number = models.CharField(max_length=20, unique=True)
    school = models.ForeignKey(
        "registry.Organisation", models.PROTECT, related_name="applications"
    )
    child = models.ForeignKey("registry.Person", models.PROTECT, related_name="applications")
    representative = models.ForeignKey(
        "registry.Person", models.PROTECT, null=True, blank=True, related_name="represents"
    )
    channel = models.CharField(max_length=20, choices=choices(rules.Channel))
    entered_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    submitted_on = models.DateField()  # last submission: a resubmission moves it
    received_at = models.DateTimeField()
    grade = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=20, choices=choices(rules.Category))
    consent_to_test = models.BooleanField()
    special_needs = models.CharField(max_length=300, blank=True)  # ОВЗ: what equipment is needed
    notify_email = models.EmailField(blank=True)
    notify_address = models.CharField(max_length=300, blank=True)
    notify_phone = models.CharField(max_length=40, blank=True)
    has_portal_account = models.BooleanField(default=False)
    language = models.CharField(max_length=5, default="ru")
    state = models.CharField(max_length=30, choices=choices(rules.ApplicationState))
    state_since = models.DateTimeField()
    full_set_on = models.DateField(null=True)
    completeness_due = models.DateField(null=True)
    authenticity_due = models.DateField(null=True)
    register_check = models.CharField(
        max_length=10, choices=choices(rules.RegisterCheck), default=rules.RegisterCheck.NOT_DONE
    )
    returns = models.PositiveSmallIntegerField(default=0)
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="next"
    )
    tested_on = models.DateField(null=True)  # day of the test that counts; with `test_passed`
    test_passed = models.BooleanField(null=True)
    training = models.CharField(max_length=20, blank=True)  # offer of additional training, F.22
    training_note = models.CharField(max_length=300, blank=True)
    request_key = models.CharField(max_length=60, blank=True)
    decided_under = models.JSONField(default=dict)

    class Meta:
        triggers = [guards.follows(rules.TRANSITIONS, name="application_follows_rules")]
        constraints = [
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=11), name="grade_1_to_11"),
            models.UniqueConstraint(
                fields=["request_key"], condition=~Q(request_key=""), name="application_once"
            ),
        ]
        indexes = [
            # Cases that have not moved for long: few of many, and the overview asks for them.
            models.Index(
                fields=["state_since", "school"],
                condition=Q(state__in=rules.OPEN_STATES),
                name="applications_waiting_since",
            ),
            models.Index(fields=["school", "state"], name="applications_of_school"),
            models.Index(fields=["school", "-received_at"], name="applications_of_school_new"),
            models.Index(fields=["state"], name="applications_by_state"),
            models.Index(fields=["-received_at"], name="applications_new"),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}"

    def facts(self, documents=None) -> rules.ApplicationFacts:
        """What the rules need to know; `documents` where they are already loaded."""
        return rules.ApplicationFacts(
            grade=self.grade,
            category=rules.Category(self.category),
            birth_date=self.child.birth_date,
            received_on=self.submitted_on,
            state=rules.ApplicationState(self.state),
            channel=rules.Channel(self.channel),
            consent_to_test=self.consent_to_test,
            has_representative=self.representative_id is not None,
            citizenship=self.child.citizenship,
            stateless=self.child.stateless,
            submitted_on=self.submitted_on,
            documents=tuple(
                d.facts() for d in (self.documents.all() if documents is None else documents)
            ),
            register_check=rules.RegisterCheck(self.register_check),
            full_set_on=self.full_set_on,
        )


class ApplicationDocument(models.Model):
    application = models.ForeignKey(Application, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=30, choices=choices(rules.DocumentKind))
    state = models.CharField(max_length=20, choices=choices(rules.DocumentState))
    valid_until = models.DateField(null=True, blank=True)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True)
    comment = models.CharField(max_length=300, blank=True)
    checked_by = models.ForeignKey(
        "registry.Account", models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "kind"], name="document_once_a_kind")
        ]

    def facts(self) -> rules.DocumentFacts:
        return rules.DocumentFacts(
            kind=rules.DocumentKind(self.kind),
            state=rules.DocumentState(self.state),
            valid_until=self.valid_until,
            comment=self.comment,
        )


class Decision(models.Model):
    """A decision on an application: what, why, by whom, under which values. Never edited."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=30, choices=choices(rules.DecisionKind))
    reasons = models.JSONField(default=list)  # [{code, sentence, act, paragraph}]
    note = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    decided_under = models.JSONField(default=dict)

    class Meta:
        triggers = [guards.written_once(name="decision_is_kept")]
        indexes = [
            models.Index(fields=["application", "made_at"], name="decisions_of_application")
        ]


class Referral(models.Model):
    """Направление на тестирование. The clock of booking runs from `received_on`."""

    number = models.CharField(max_length=20, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="referrals")
    testing_org = models.ForeignKey(
        "registry.Organisation", models.PROTECT, related_name="referrals"
    )
    grade = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=20)  # law.Form, foreseen; the test day decides
    attempt_no = models.PositiveSmallIntegerField(default=1)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey("registry.Account", models.PROTECT, null=True, related_name="+")
    received_on = models.DateField(null=True)
    evidence = models.CharField(max_length=40, blank=True)
    book_until = models.DateField(null=True)
    earliest_test_on = models.DateField(null=True)  # retest guard, D-07
    state = models.CharField(max_length=20, choices=choices(rules.ReferralState))
    state_since = models.DateTimeField()
    qr_token = models.CharField(max_length=40, unique=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )  # the ministry's new referral to another testing organisation points at the old one
    decided_under = models.JSONField(default=dict)

    class Meta:
        triggers = [guards.follows(rules.REFERRAL_TRANSITIONS, name="referral_follows_rules")]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=~Q(state__in=["expired", "revoked"]),
                name="one_live_referral",
            ),
            models.CheckConstraint(
                condition=Q(received_on__isnull=True) | ~Q(evidence=""),
                name="receipt_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(book_until__isnull=True) | Q(received_on__lte=F("book_until")),
                name="booking_term_after_receipt",
            ),
        ]
        indexes = [
            models.Index(fields=["testing_org", "state"], name="referrals_of_testing_org"),
            models.Index(fields=["state", "book_until"], name="referrals_by_term"),
        ]

    def facts(self, copies_sent_to=frozenset(), *, issued_on) -> rules.ReferralFacts:
        return rules.ReferralFacts(
            state=rules.ReferralState(self.state),
            issued_on=issued_on,
            received_on=self.received_on,
            copies_sent_to=frozenset(copies_sent_to),
        )


class Absence(models.Model):
    """A day of testing that passed without the child: he did not come, and the reason its МОУО
    confirmed; or he was turned away at the door, and why.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="absences")
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="absences")
    missed_on = models.DateField()
    turned_away = models.CharField(max_length=30, blank=True)  # why; "" for a no-show
    noted_at = models.DateTimeField()
    mouo = models.ForeignKey(
        "registry.Organisation", models.PROTECT, null=True, related_name="+"
    )  # who confirms; null where no МОУО stands above the school
    reason = models.CharField(max_length=20, choices=choices(rules.NoShowReason), blank=True)
    comment = models.CharField(max_length=300, blank=True)
    confirmed_on = models.DateField(null=True)  # the day the reason was established
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        "registry.Account", models.PROTECT, null=True, related_name="+"
    )
    decided_under = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "missed_on"], name="absence_once_a_day"),
            models.CheckConstraint(
                condition=Q(reason="", confirmed_on=None)
                | (~Q(reason="") & Q(confirmed_on__gte=F("missed_on"))),
                name="confirmed_reason_has_its_day",
            ),
        ]
        indexes = [
            models.Index(fields=["application", "missed_on"], name="absences_of_application"),
            models.Index(fields=["mouo", "-missed_on"], name="absences_of_mouo"),
        ]
