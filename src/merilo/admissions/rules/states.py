"""The states of an application and of its referral, and the words of the law in codes."""

from __future__ import annotations

from enum import StrEnum


class ApplicationState(StrEnum):
    COMPLETENESS_CHECK = "completeness_check"
    RETURNED_INCOMPLETE = "returned_incomplete"
    AUTHENTICITY_CHECK = "authenticity_check"
    REFUSED_UNRELIABLE = "refused_unreliable"
    REFUSED_NO_PLACES = "refused_no_places"
    NO_TEST_REQUIRED = "no_test_required"
    REFERRED = "referred"
    CANCELLED_NOT_BOOKED = "cancelled_not_booked"
    AWAITING_RESULT = "awaiting_result"
    NO_SHOW = "no_show"
    NOT_ADMITTED = "not_admitted"  # turned away at the door of the test
    PASSED = "passed"
    FAILED = "failed"
    ENROLLED = "enrolled"
    REFUSED_TEST_FAILED = "refused_test_failed"
    REAPPLIED = "reapplied"
    WITHDRAWN = "withdrawn"


S = ApplicationState
TRANSITIONS: dict[ApplicationState, frozenset[ApplicationState]] = {
    S.COMPLETENESS_CHECK: frozenset(
        {S.RETURNED_INCOMPLETE, S.AUTHENTICITY_CHECK, S.REFUSED_NO_PLACES, S.WITHDRAWN}
    ),
    S.RETURNED_INCOMPLETE: frozenset({S.COMPLETENESS_CHECK, S.WITHDRAWN}),
    S.AUTHENTICITY_CHECK: frozenset(
        {
            S.REFUSED_UNRELIABLE,
            S.REFUSED_NO_PLACES,
            S.NO_TEST_REQUIRED,
            S.REFERRED,
            S.WITHDRAWN,
        }
    ),
    S.REFUSED_UNRELIABLE: frozenset({S.REAPPLIED}),
    S.REFUSED_NO_PLACES: frozenset({S.REAPPLIED}),
    S.NO_TEST_REQUIRED: frozenset({S.ENROLLED, S.REFUSED_NO_PLACES}),
    S.REFERRED: frozenset(
        {
            S.AUTHENTICITY_CHECK,  # the referral was wrong and is taken back
            S.AWAITING_RESULT,
            S.CANCELLED_NOT_BOOKED,
            S.REFUSED_UNRELIABLE,
            S.WITHDRAWN,
        }
    ),
    S.CANCELLED_NOT_BOOKED: frozenset({S.REAPPLIED}),
    S.AWAITING_RESULT: frozenset(
        {S.REFERRED, S.NO_SHOW, S.NOT_ADMITTED, S.PASSED, S.FAILED, S.WITHDRAWN}
    ),
    S.NO_SHOW: frozenset({S.REFERRED, S.CANCELLED_NOT_BOOKED, S.WITHDRAWN}),
    S.NOT_ADMITTED: frozenset({S.REFERRED, S.CANCELLED_NOT_BOOKED, S.WITHDRAWN}),
    S.PASSED: frozenset({S.ENROLLED, S.REFUSED_NO_PLACES, S.FAILED}),
    S.FAILED: frozenset({S.REFUSED_TEST_FAILED, S.PASSED}),
    S.ENROLLED: frozenset(),
    S.REFUSED_TEST_FAILED: frozenset({S.REAPPLIED}),
    S.REAPPLIED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
# Nobody was tested on the day; whether the same referral is good for another is the profile's.
UNTESTED_STATES = frozenset({S.NO_SHOW, S.NOT_ADMITTED})
# Every case must reach one of these: the «lost 2.3 thousand» of the first year.
END_STATES = frozenset(
    {
        S.REFUSED_UNRELIABLE,
        S.REFUSED_NO_PLACES,
        S.CANCELLED_NOT_BOOKED,
        S.ENROLLED,
        S.REFUSED_TEST_FAILED,
        S.REAPPLIED,
        S.WITHDRAWN,
    }
)
OPEN_STATES = tuple(
    sorted(state.value for state in set(S) - END_STATES)
)  # in one order: an index names them


class ReferralState(StrEnum):
    ISSUED = "issued"
    DELIVERED = "delivered"
    BOOKED = "booked"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSED_NO_SHOW = "unused_no_show"


R = ReferralState
REFERRAL_TRANSITIONS: dict[ReferralState, frozenset[ReferralState]] = {
    R.ISSUED: frozenset({R.DELIVERED, R.REVOKED}),
    R.DELIVERED: frozenset({R.BOOKED, R.EXPIRED, R.REVOKED}),
    R.BOOKED: frozenset({R.DELIVERED, R.USED, R.UNUSED_NO_SHOW, R.REVOKED}),
    R.USED: frozenset({R.BOOKED}),  # broken off for technical reasons: another day, R1.3.4
    R.EXPIRED: frozenset(),
    R.REVOKED: frozenset(),
    R.UNUSED_NO_SHOW: frozenset({R.BOOKED, R.REVOKED, R.EXPIRED}),
}


class Channel(StrEnum):
    EPGU = "EPGU"
    RPGU = "RPGU"
    POST = "POST"
    ON_BEHALF = "ON_BEHALF"  # school enters what came by another lawful way, actor recorded
    IN_PERSON = "IN_PERSON"


class Category(StrEnum):
    GENERAL = "GENERAL"
    COMPATRIOT = "COMPATRIOT"
    SHARED_VALUES = "SHARED_VALUES"
    DIPLOMATIC = "DIPLOMATIC"
    EXEMPT_BELARUS = "EXEMPT_BELARUS"
    EXEMPT_TRANSFER = "EXEMPT_TRANSFER"
    EXEMPT_GIA9 = "EXEMPT_GIA9"


class DocumentKind(StrEnum):
    KINSHIP = "kinship"
    STAY_CHILD = "stay_child"
    STAY_REPRESENTATIVE = "stay_representative"
    IDENTITY_CHILD = "identity_child"
    FINGERPRINTS = "fingerprints"
    RUSSIAN_STUDY = "russian_study"
    SNILS = "snils"
    INN = "inn"
    EMPLOYMENT = "employment"
    MEDICAL = "medical"
    TRANSFER_FILE = "transfer_file"
    STUDY_PERIOD = "study_period"
    GIA_CERTIFICATE = "gia_certificate"
    CATEGORY_PROOF = "category_proof"


class DocumentState(StrEnum):
    MISSING = "missing"
    PROVIDED = "provided"
    ACCEPTED = "accepted"
    INVALID = "invalid"
    EXPIRED = "expired"
    UNTRANSLATED = "untranslated"
    NOT_REQUIRED = "not_required"


class RegisterCheck(StrEnum):
    """The register of controlled persons."""

    NOT_DONE = "not_done"
    CLEAR = "clear"
    LISTED = "listed"


class DecisionKind(StrEnum):
    RETURNED_INCOMPLETE = "returned_incomplete"
    COMPLETE = "complete"
    REFUSED_UNRELIABLE = "refused_unreliable"
    REFUSED_NO_PLACES = "refused_no_places"
    NO_TEST_REQUIRED = "no_test_required"
    REFERRED = "referred"
    REFERRED_ELSEWHERE = "referred_elsewhere"  # the ministry: another testing organisation
    ANNULLED_NOT_BOOKED = "annulled_not_booked"
    ENROLLED = "enrolled"
    REFUSED_TEST_FAILED = "refused_test_failed"
    WITHDRAWN = "withdrawn"


class UnreliableReason(StrEnum):
    FALSE_DOCUMENT = "false_document"
    FALSE_STATEMENT = "false_statement"
    CONTROLLED_PERSON = "controlled_person"
    STAY_UNLAWFUL = "stay_unlawful"


class Evidence(StrEnum):
    """What proves that the parent has the referral: its day starts the term of booking."""

    PORTAL_READ = "portal_read"
    POSTAL_RECEIPT = "postal_receipt"
    SIGNATURE = "signature"


class NoShowReason(StrEnum):
    """What the МОУО found out about why the child did not come."""

    RESPECTFUL = "respectful"
    UNJUSTIFIED = "unjustified"


class AfterNoShow(StrEnum):
    """Where a case goes after a no-show."""

    WAIT = "wait"  # for the word of the МОУО
    REBOOK = "rebook"
    ENDS_BY_POLICY = "ends_by_policy"
    ENDS_MISSED_AGAIN = "ends_missed_again"
    ENDS_UNJUSTIFIED = "ends_unjustified"


class Training(StrEnum):
    """Additional training in Russian after an unsuccessful test (F.22): the parent chooses."""

    OFFERED = "offered"
    CHOSEN = "chosen"
    SELF_ORGANISED = "self_organised"
    DECLINED = "declined"


TRAINING_STATES = frozenset({S.FAILED, S.REFUSED_TEST_FAILED})
DOCUMENT_STATES = frozenset({S.COMPLETENESS_CHECK, S.RETURNED_INCOMPLETE, S.AUTHENTICITY_CHECK})
ENROLLING_STATES = frozenset({S.PASSED, S.NO_TEST_REQUIRED})
# The steps of a booking at best, in order; the states after which a step lies behind.
BEFORE_BOOKING = frozenset(
    {S.COMPLETENESS_CHECK, S.RETURNED_INCOMPLETE, S.AUTHENTICITY_CHECK, S.REFERRED}
)
# No result can have been drawn: the child was not tested on this case.
WITHOUT_RESULT = (
    BEFORE_BOOKING
    | UNTESTED_STATES
    | {S.NO_TEST_REQUIRED, S.CANCELLED_NOT_BOOKED, S.REFUSED_UNRELIABLE}
)
COPY_KIND = "referral_copy"  # the handing over of a copy, to each recipient alike

# Decisions that go to the parent as a letter of their own, printed for a registered letter.
LETTER_DECISIONS = frozenset(
    {
        DecisionKind.RETURNED_INCOMPLETE,
        DecisionKind.REFUSED_UNRELIABLE,
        DecisionKind.REFUSED_NO_PLACES,
        DecisionKind.REFUSED_TEST_FAILED,
    }
)
