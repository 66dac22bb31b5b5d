"""Register variants; count the reserve kits of a testing organisation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Part, Reason, Refusal
from merilo.law.refusal import _
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.models import Organisation
from merilo.registry.rules import Function

from . import access
from .models import ReserveKit, Variant

GRADE_UNKNOWN = Reason(
    "materials.grade-unknown", _("Класс бывает от 1 до 11. Укажите класс варианта.")
)
NO_NUMBER = Reason("materials.variant-without-number", _("Укажите номер варианта."))
VARIANT_EXISTS = Reason(
    "materials.variant-exists",
    _("Вариант %(number)s этой части для %(grade)s класса уже есть в реестре."),
)
NO_LISTENING_TEXT = Reason(
    "materials.no-listening-text",
    _(
        "Укажите текст для аудирования: участникам в одной аудитории читают один текст, по нему "
        "и рассаживают."
    ),
)
NO_WRITTEN_PART = Reason(
    "materials.no-written-part", _("В %(grade)s классе письменной части нет: это вариант устной.")
)
ENDS_BEFORE_START = Reason(
    "materials.ends-before-start",
    _("Вариант действует до дня раньше, чем получен. Исправьте даты."),
)
NEGATIVE_COUNT = Reason(
    "materials.negative-count", _("Свободных комплектов не может быть меньше нуля.")
)
NOT_TESTING_ORG = Reason(
    "materials.not-a-testing-org", _("Это не тестирующая организация. Выберите её из списка.")
)


def _against_variant(
    grade: int,
    part: Part,
    number: str,
    listening_text: str,
    received_on: date,
    valid_to: date | None,
) -> Iterator[Refusal]:
    profile = registry.active_profile()
    low = profile.value("admissions.min_grade", on=received_on)
    high = profile.value("admissions.max_grade", on=received_on)
    if not low.value <= grade <= high.value:
        yield GRADE_UNKNOWN(high)
    if not number:
        yield NO_NUMBER()
    oral_only = profile.value("admissions.oral_only_grades", on=received_on)
    if part == Part.WRITTEN and grade in oral_only.value:
        yield NO_WRITTEN_PART(oral_only, grade=grade)
    elif part == Part.WRITTEN and not listening_text:
        yield NO_LISTENING_TEXT()
    if valid_to is not None and valid_to < received_on:
        yield ENDS_BEFORE_START()
    if Variant.objects.filter(grade=grade, part=part, number=number).exists():
        yield VARIANT_EXISTS(number=number, grade=grade)


def register_variant(
    *,
    grade: int,
    part: Part,
    number: str,
    received_on: date,
    actor: Viewer,
    now: datetime,
    listening_text: str = "",
    valid_to: date | None = None,
) -> Variant:
    """Enter a variant into the register: its number and listening text, never its content."""
    permit(actor, access.ROLES, "materials.register")
    number, listening_text = number.strip(), listening_text.strip()
    with transaction.atomic(durable=True):
        law.refuse(
            _against_variant(grade, Part(part), number, listening_text, received_on, valid_to)
        )
        variant = Variant.objects.create(
            grade=grade,
            part=part,
            number=number,
            listening_text=listening_text,
            received_on=received_on,
            valid_to=valid_to,
        )
        record(
            "variant.registered",
            actor=actor,
            about=variant,
            at=now,
            grade=grade,
            part=str(part),
            number=number,
            listening_text=listening_text,
        )
    return variant


def end_variant(*, variant_id: int, valid_to: date, actor: Viewer, now: datetime) -> Variant:
    """Take a variant out of use from the day after."""
    permit(actor, access.ROLES, "materials.register")
    with transaction.atomic(durable=True):
        variant = Variant.objects.select_for_update().get(pk=variant_id)
        if valid_to < variant.received_on:
            law.refuse([ENDS_BEFORE_START()])
        variant.valid_to = valid_to
        variant.save(update_fields=["valid_to"])
        record("variant.registered", actor=actor, about=variant, at=now, valid_to=str(valid_to))
    return variant


def set_reserve(
    *, testing_org_id: int, grade: int, free: int, actor: Viewer, now: datetime, today: date
) -> ReserveKit:
    """Say how many reserve kits of the grade are free at the testing organisation."""
    permit(actor, access.ROLES, "materials.reserve")
    with transaction.atomic(durable=True):
        organisation = Organisation.objects.get(pk=testing_org_id)
        reasons = []
        if not registry.with_function(organisation, Function.TESTING_ORG, on=today):
            reasons.append(NOT_TESTING_ORG())
        if not 1 <= grade <= 11:
            reasons.append(GRADE_UNKNOWN())
        if free < 0:
            reasons.append(NEGATIVE_COUNT())
        law.refuse(reasons)
        ReserveKit.objects.get_or_create(testing_org=organisation, grade=grade)
        kit = ReserveKit.objects.select_for_update().get(testing_org=organisation, grade=grade)
        before, kit.free = kit.free, free
        kit.save(update_fields=["free"])
        record(
            "reserve.changed",
            actor=actor,
            about=kit,
            at=now,
            grade=grade,
            before=before,
            after=free,
        )
    return kit
