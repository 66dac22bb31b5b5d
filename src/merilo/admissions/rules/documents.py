"""Taking an application in: the required set, its defects, the terms of both checks.

Sources: letter 03-608 pp. 4, 11, 22–23; order пр.23а-566 annex 1 sections 2–4; order 727.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from merilo.law import Profile, Refusal, Value

from .facts import ApplicationFacts, DocumentFacts, Requirement, age_on
from .moves import reasons_against_step
from .reasons import (
    BORN_IN_FUTURE,
    CHANNEL_NOT_ALLOWED,
    DOCUMENT_EXPIRED,
    DOCUMENT_EXPIRED_UNDATED,
    DOCUMENT_INVALID,
    DOCUMENT_MISSING,
    DOCUMENT_NEEDS_COMMENT,
    DOCUMENT_NOT_CHECKED,
    DOCUMENT_UNTRANSLATED,
    DOCUMENTS_CLOSED,
    FUTURE_SUBMISSION,
    GRADE_OUT_OF_RANGE,
    INCOMPLETE_SET,
    NEEDS_REPRESENTATIVE,
    NO_CITIZENSHIP,
    NO_CONSENT,
    NOTHING_TO_RETURN,
    REGISTER_TOO_EARLY,
    RESUBMITTED_BEFORE,
)
from .states import DOCUMENT_STATES, ApplicationState, Category, DocumentKind, DocumentState, S
from .words import DOCUMENT_NAMES, STATE_NAMES


def reasons_against_registering(
    application: ApplicationFacts, *, today: date, profile: Profile
) -> Iterator[Refusal]:
    """Why an application may not be taken in at all. Defects of documents are not among them."""
    on = application.received_on
    channels = profile.value("admissions.channels", on=on)
    if application.channel not in channels.value:
        yield CHANNEL_NOT_ALLOWED(channels)
    low = profile.value("admissions.min_grade", on=on)
    high = profile.value("admissions.max_grade", on=on)
    if not low.value <= application.grade <= high.value:
        yield GRADE_OUT_OF_RANGE(high, grade=application.grade)
    if not application.consent_to_test:
        yield NO_CONSENT()
    if not application.citizenship and not application.stateless:
        yield NO_CITIZENSHIP()
    if on > today or (application.submitted_on and application.submitted_on > today):
        yield FUTURE_SUBMISSION(submitted=max(on, application.submitted_on or on))
    if not 3 <= (today.year - application.birth_date.year) <= 60:
        yield BORN_IN_FUTURE(born=application.birth_date)
    else:
        adult = profile.value("admissions.adult_age", on=on)
        if age_on(application.birth_date, on) < adult.value and not application.has_representative:
            yield NEEDS_REPRESENTATIVE(adult)


def required_documents(
    grade: int,
    birth_date: date,
    category: Category,
    *,
    on: date,
    profile: Profile,
    has_representative: bool = True,
) -> tuple[Requirement, ...]:
    """The set of documents for this child on that day, mandatory and «при наличии».

    An adult who applies for himself owes no papers of a representative.
    """
    table = profile.value("admissions.mandatory_documents", on=on)
    age = age_on(birth_date, on)
    found = []
    for kind, terms in table.value.items():
        fits_category = not terms.get("categories") or category in terms["categories"]
        exempted = category in terms.get("not_for", ())
        if (
            grade < terms.get("min_grade", 1)
            or age < terms.get("min_age", 0)
            or not fits_category
            or exempted
            or (not has_representative and terms.get("subjects") == ["representative"])
        ):
            continue
        found.append(
            Requirement(
                DocumentKind(kind),
                bool(terms.get("mandatory", True)),
                bool(terms.get("needs_translation", True)),
                table,
            )
        )
    return tuple(found)


def documents_of(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> tuple[Requirement, ...]:
    """`required_documents` of this application."""
    return required_documents(
        application.grade,
        application.birth_date,
        application.category,
        on=on,
        profile=profile,
        has_representative=application.has_representative,
    )


def defects(application: ApplicationFacts, *, on: date, profile: Profile) -> tuple[Refusal, ...]:
    """All defects of the set at once, each with what to do. Empty means the set is full."""
    given = {document.kind: document for document in application.documents}
    found: list[Refusal] = []
    for requirement in documents_of(application, on=on, profile=profile):
        name = DOCUMENT_NAMES[requirement.kind]
        document = given.get(requirement.kind)
        source = requirement.value
        state = document.state if document else DocumentState.MISSING
        if state == DocumentState.MISSING and requirement.mandatory:
            found.append(DOCUMENT_MISSING(source, document=name))
        elif document is None or state in (DocumentState.MISSING, DocumentState.NOT_REQUIRED):
            continue
        elif state == DocumentState.UNTRANSLATED:
            found.append(DOCUMENT_UNTRANSLATED(source, document=name))
        elif state == DocumentState.INVALID:
            found.append(
                DOCUMENT_INVALID(source, document=name, comment=as_sentence(document.comment))
            )
        elif document.valid_until and document.valid_until < on:
            found.append(DOCUMENT_EXPIRED(source, document=name, until=document.valid_until))
        elif state == DocumentState.EXPIRED:
            found.append(DOCUMENT_EXPIRED_UNDATED(source, document=name))
    return tuple(found)


def as_sentence(words: str) -> str:
    """A clerk's words as a sentence of the letter: «нет печати» as «Нет печати.»"""
    words = words.strip()
    if not words:
        return ""
    return f"{words[0].upper()}{words[1:].rstrip('.')}."


def unchecked(application: ApplicationFacts, *, on: date, profile: Profile) -> Iterator[Refusal]:
    """Documents that came and that nobody has looked at yet."""
    wanted = {
        requirement.kind for requirement in documents_of(application, on=on, profile=profile)
    }
    for document in application.documents:
        if document.kind in wanted and document.state == DocumentState.PROVIDED:
            yield DOCUMENT_NOT_CHECKED(document=DOCUMENT_NAMES[document.kind])


def reasons_against_full_set(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> Iterator[Refusal]:
    yield from reasons_against_step(application.state, S.COMPLETENESS_CHECK)
    yield from unchecked(application, on=on, profile=profile)
    found = defects(application, on=on, profile=profile)
    if found:
        yield INCOMPLETE_SET(count=len(found))
        yield from found


def reasons_against_return(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> Iterator[Refusal]:
    yield from reasons_against_step(application.state, S.COMPLETENESS_CHECK)
    yield from unchecked(application, on=on, profile=profile)
    if not defects(application, on=on, profile=profile):
        yield NOTHING_TO_RETURN()


def completeness_due(received_on: date, profile: Profile) -> tuple[date, Value]:
    """D-01: the last day of the completeness check; the day of receipt is day 0."""
    term = profile.value("admissions.completeness_wd", on=received_on)
    return profile.days.after(received_on, term.value), term


def authenticity_due(received_on: date, full_set_on: date, profile: Profile) -> tuple[date, Value]:
    """D-02: the last day of the authenticity check, counted from the event the profile names."""
    term = profile.value("admissions.authenticity_wd", on=received_on)
    start = profile.value("admissions.authenticity_start", on=received_on)
    since = full_set_on if start.value == "full_set" else received_on
    return profile.days.after(since, term.value), term


def reasons_against_marking(
    state: ApplicationState, documents: Iterable[DocumentFacts]
) -> Iterator[Refusal]:
    """Why marks on documents may not be made now; «не принят» needs words for the parent."""
    if state not in DOCUMENT_STATES:
        yield DOCUMENTS_CLOSED(state=STATE_NAMES[state])
    for document in documents:
        if document.state == DocumentState.INVALID and not document.comment.strip():
            yield DOCUMENT_NEEDS_COMMENT(document=DOCUMENT_NAMES[document.kind])


def reasons_against_resubmitting(
    state: ApplicationState, *, submitted_on: date, before: date, today: date
) -> Iterator[Refusal]:
    """No term and no number of times is set for submitting again; the dates must be possible."""
    yield from reasons_against_step(state, S.RETURNED_INCOMPLETE)
    if submitted_on > today:
        yield FUTURE_SUBMISSION(submitted=submitted_on)
    if submitted_on < before:
        yield RESUBMITTED_BEFORE(before=before)


def reasons_against_register_check(state: ApplicationState) -> Iterator[Refusal]:
    if state not in DOCUMENT_STATES:
        yield REGISTER_TOO_EARLY(state=STATE_NAMES[state])
