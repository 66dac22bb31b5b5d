"""What each document is made of: frozen values, already decided by the contexts that own them.

Nothing here computes law: deadlines, sums and «прошёл / не прошёл» arrive as values. The builders
only refuse a document that contradicts itself (see `Contradiction`).

Sources: «Порядок» is Приложение 1 and «Порядок апелляции» Приложение 3 of the order of the
ministry of education of Primorsky Krai, 21.04.2025 N пр.23а-566; «письмо» is the letter of
Минпросвещения, 31.03.2025 N 03-608.
"""

from .day import (
    CommissionMember,
    DayAnnulment,
    DayParticipant,
    DayProtocol,
    Incident,
    NoShow,
    NotAdmitted,
)
from .letters import Defect, Letter, RefusalLetter, RefusalReason, ReturnLetter
from .parties import Contradiction, Organisation, Signatory
from .referral import DOCUMENTS_TO_BRING, IN_PERSON, Referral, TestDate
from .results import (
    Annulment,
    Criterion,
    Extract,
    MarkProtocol,
    Part,
    ResultNotice,
    Task,
    tasks_from,
)
from .sheets import Column, Row, TemplateColumn

__all__ = [
    "Annulment",
    "Column",
    "CommissionMember",
    "Contradiction",
    "Criterion",
    "DOCUMENTS_TO_BRING",
    "DayAnnulment",
    "DayParticipant",
    "DayProtocol",
    "Defect",
    "Extract",
    "IN_PERSON",
    "Incident",
    "Letter",
    "MarkProtocol",
    "NoShow",
    "NotAdmitted",
    "Organisation",
    "Part",
    "Referral",
    "RefusalLetter",
    "RefusalReason",
    "ResultNotice",
    "ReturnLetter",
    "Row",
    "Signatory",
    "Task",
    "TemplateColumn",
    "TestDate",
    "tasks_from",
]
