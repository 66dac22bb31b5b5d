"""By when each side of an appeal acts; order 23a-566, annex 2, item 8; annex 3, items 6-17."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from merilo.law import Profile, Reason, Refusal
from merilo.law.refusal import _

THIRD_PERSON = Reason(
    "appeals.third-person",
    _("Материалы выдают только участнику или его родителю (законному представителю)."),
)
MATERIALS_BEFORE_NOTICE = Reason(
    "appeals.materials-before-notice",
    _("Материалы запрашивают после получения уведомления о результатах. Дождитесь его."),
)


def materials_due(requested_on: date, *, profile: Profile) -> datetime:
    """The moment before which the materials are handed out, local time of the region.

    At that very moment it is already late.
    """
    working_days = profile.value("appeals.materials_wd", on=requested_on).value
    hour = profile.value("appeals.materials_time", on=requested_on).value
    day = profile.days.after(requested_on, working_days)
    return datetime.combine(day, hour, tzinfo=ZoneInfo(profile.timezone))


def reply_due(received_on: date, *, profile: Profile) -> date:
    """The last day to answer the applicant when and where the appeal is considered."""
    return _after(received_on, "appeals.reply_wd", profile)


def consider_due(received_on: date, *, profile: Profile) -> date:
    """The last day for the sitting; the day of receipt is day 0."""
    return _after(received_on, "appeals.consider_wd", profile)


def inform_due(decided_on: date, *, profile: Profile) -> date:
    """The last day to tell the applicant the decision."""
    return _after(decided_on, "appeals.inform_wd", profile)


def _after(day: date, name: str, profile: Profile) -> date:
    return profile.days.after(day, profile.value(name, on=day).value)


def reasons_against_materials(
    *, by_entitled: bool, notice_received: bool, on: date, profile: Profile
) -> Iterator[Refusal]:
    """Why the materials of a test are not handed out."""
    value = profile.value("appeals.materials_wd", on=on)
    if not by_entitled:
        yield THIRD_PERSON(value)
    if not notice_received:
        yield MATERIALS_BEFORE_NOTICE(value)
