"""Why a seat may not be taken again after a day without the test. The acts are silent: the
profile decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from merilo.admissions.rules import AfterNoShow, NoShowFacts, after_no_show
from merilo.law import Profile, Reason, Refusal
from merilo.law.refusal import _

REBOOK_USED = Reason(
    "booking.rebook-used",
    _("После неявки или недопуска перезаписаться можно один раз. Нужно новое заявление."),
)
REBOOK_NOT_ALLOWED = Reason(
    "booking.rebook-not-allowed",
    _("После неявки или недопуска не перезаписывают. Нужно новое заявление в школу."),
)
REBOOK_NOT_DECIDED = Reason(
    "booking.rebook-not-decided",
    _(
        "Причина неявки ещё не подтверждена, и записать снова нельзя. Попросите родителя сообщить "
        "причину в МОУО: после подтверждения запись откроется."
    ),
)
REBOOK_UNJUSTIFIED = Reason(
    "booking.rebook-unjustified",
    _("МОУО установило, что причина неявки неуважительная. Нужно новое заявление в школу."),
)

AGAINST: dict[AfterNoShow, Reason] = {
    AfterNoShow.WAIT: REBOOK_NOT_DECIDED,
    AfterNoShow.ENDS_BY_POLICY: REBOOK_NOT_ALLOWED,
    AfterNoShow.ENDS_MISSED_AGAIN: REBOOK_USED,
    AfterNoShow.ENDS_UNJUSTIFIED: REBOOK_UNJUSTIFIED,
}


def reasons_after_no_show(missed: NoShowFacts | None, profile: Profile) -> Iterator[Refusal]:
    """Why the child may not be booked again after a no-show or a refusal at the door."""
    if missed is None:
        return
    follows, value = after_no_show(missed, profile)
    if follows != AfterNoShow.REBOOK:
        yield AGAINST[follows](value)
