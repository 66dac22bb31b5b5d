"""Who is tested, in which form, and from which day again.

Sources: letter 03-608 pp. 4, 11, 22–23; order пр.23а-566 annex 1 sections 2–4; order 727.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from merilo.law import Answer, Form, Profile, Refusal, Value, add_months

from .facts import ApplicationFacts
from .moves import reasons_against_step
from .reasons import EXEMPTION_NOT_PROVED, NOT_EXEMPT
from .states import Category, DocumentKind, DocumentState, S
from .words import CATEGORY_NAMES, DOCUMENT_NAMES


def exemption(category: Category, *, on: date, profile: Profile) -> Value | None:
    """The value that frees this category from the test on that day, or None."""
    exempt = profile.value("admissions.exempt_categories", on=on)
    return exempt if category in exempt.value else None


def form_of_test(
    grade: int, category: Category, *, test_on: date, profile: Profile
) -> tuple[Form | None, Value]:
    """Oral, oral and written, or none for an exempt category, by the law of the test day."""
    if free := exemption(category, on=test_on, profile=profile):
        return None, free
    oral_only = profile.value("admissions.oral_only_categories", on=test_on)
    oral_grades = profile.value("admissions.oral_only_grades", on=test_on)
    if grade in oral_grades.value:
        return Form.ORAL, oral_grades
    if category in oral_only.value:
        return Form.ORAL, oral_only
    return Form.ORAL_WRITTEN, oral_grades


PROOFS: Mapping[Category, tuple[DocumentKind, ...]] = {
    Category.EXEMPT_BELARUS: (DocumentKind.IDENTITY_CHILD,),
    Category.EXEMPT_TRANSFER: (DocumentKind.TRANSFER_FILE, DocumentKind.STUDY_PERIOD),
    Category.EXEMPT_GIA9: (DocumentKind.GIA_CERTIFICATE,),
    Category.COMPATRIOT: (DocumentKind.CATEGORY_PROOF,),
    Category.SHARED_VALUES: (DocumentKind.CATEGORY_PROOF,),
    Category.DIPLOMATIC: (DocumentKind.CATEGORY_PROOF,),
}


def unproved(application: ApplicationFacts) -> Iterator[DocumentKind]:
    """The documents that prove the category and are not accepted."""
    accepted = {
        d.kind
        for d in application.documents
        if d.state in (DocumentState.ACCEPTED, DocumentState.PROVIDED)
    }
    for kind in PROOFS.get(application.category, ()):
        if kind not in accepted:
            yield kind


def reasons_against_exempting(
    application: ApplicationFacts, *, on: date, profile: Profile
) -> Iterator[Refusal]:
    yield from reasons_against_step(application.state, S.AUTHENTICITY_CHECK)
    free = exemption(application.category, on=on, profile=profile)
    if free is None:
        yield NOT_EXEMPT(category=CATEGORY_NAMES[application.category])
    for kind in unproved(application):
        yield EXEMPTION_NOT_PROVED(free, document=DOCUMENT_NAMES[kind])


def retest_from(
    failed_on: Iterable[date], category: Category, *, asked_on: date, profile: Profile
) -> Answer:
    """D-07: the first day of a retest after the unsuccessful tests; None: it may be any day."""
    failures = sorted(failed_on)
    if not failures:
        return Answer(dates={"earliest": None})
    on = max(failures[-1], profile.valid_from)  # a test may be older than the region's own order
    months = profile.value("retest.min_months", on=on)
    base = profile.value("retest.base", on=on)
    counted_from = failures[-1] if base.value == "last_unsuccessful" else failures[0]
    waived = _waiver(category, counted_from, asked_on=asked_on, profile=profile)
    if waived is not None:
        return Answer(
            dates={"failed_on": counted_from, "earliest": None},
            outcome={"waived": True},
            decided_under=(months, base, waived),
        )
    boundary = profile.value("retest.boundary_day_allowed", on=on)
    earliest = add_months(counted_from, months.value)
    if not boundary.value:
        earliest = date.fromordinal(earliest.toordinal() + 1)
    return Answer(
        dates={"failed_on": counted_from, "earliest": earliest},
        outcome={"waived": False, "months": months.value},
        decided_under=(months, base, boundary),
    )


def _waiver(
    category: Category, failed_on: date, *, asked_on: date, profile: Profile
) -> Value | None:
    """The value that frees an oral-only category from waiting, where it does."""
    categories = profile.value("retest.waiver_categories", on=asked_on)
    if category not in categories.value:
        return None
    scope = profile.value("retest.waiver_scope", on=asked_on)
    if scope.value == "always" or failed_on < categories.since:
        return categories
    return None
