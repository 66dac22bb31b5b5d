"""What may be done with an application. Each function is one durable transaction."""

from .checking import (
    check_register,
    confirm_full_set,
    exempt,
    refuse_no_places,
    refuse_unreliable,
    resubmit,
    return_incomplete,
)
from .clock import refresh_terms
from .deciding import (
    enrol,
    offer_training,
    refuse_test_failed,
    withdraw,
)
from .documents import DocumentMark, Upload, mark_document, mark_documents
from .no_shows import close_after_no_show, confirm_no_show
from .referring import (
    annul_not_booked,
    issue_referral,
    record_delivery,
    revoke_referral,
    send_copies,
)
from .registering import NewPerson, change_contacts, register_application, show_person

__all__ = [
    "DocumentMark",
    "NewPerson",
    "Upload",
    "annul_not_booked",
    "change_contacts",
    "check_register",
    "close_after_no_show",
    "confirm_full_set",
    "confirm_no_show",
    "enrol",
    "exempt",
    "issue_referral",
    "mark_document",
    "mark_documents",
    "offer_training",
    "record_delivery",
    "refresh_terms",
    "refuse_no_places",
    "refuse_test_failed",
    "refuse_unreliable",
    "register_application",
    "resubmit",
    "return_incomplete",
    "revoke_referral",
    "send_copies",
    "show_person",
    "withdraw",
]
