"""When the archive and its key must be there, and who may open it; order 23a-566, item 4.2.1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from merilo.law import Answer, Profile, Reason, Refusal
from merilo.law.refusal import _

REMIND_AT = time(12)  # the reading of materials.archive_lead: noon of the last working day before

ARCHIVE_LATE = Reason(
    "materials.archive-late",
    _("Архив получен %(received_at)s, а должен быть к %(until)s. Запишите нарушение."),
    warning=True,
)
ARCHIVE_ON_DAY_OFF = Reason(
    "materials.archive-on-day-off",
    _("Срок передачи архива — %(until)s, это выходной. Передайте заранее: к %(remind_at)s."),
    warning=True,
)
KEY_LATE = Reason(
    "materials.key-late",
    _("Ключ размещён %(published_at)s, а должен быть не позднее %(until)s. Нарушение записано."),
    warning=True,
)
KEY_MISSING = Reason(
    "materials.key-missing",
    _(
        "Ключа нет, хотя срок (%(until)s) прошёл. Свяжитесь с РЦОИ; если его не будет, перенесите "
        "день по техническим причинам."
    ),
    warning=True,
)
ONLY_TESTING_ORG = Reason(
    "materials.only-testing-org",
    _("Архив открывает только тестирующая организация, которой он передан: вам его не открыть."),
)
NOT_RECEIVED = Reason(
    "materials.archive-not-received",
    _("Архив на этот день ещё не получен. Дождитесь его от МОУО."),
)
KEY_NOT_PUBLISHED = Reason(
    "materials.key-not-published",
    _("Ключ ещё не размещён: его публикуют %(test_on)s не позднее %(key_time)s."),
)


def archive_lead(
    test_start: datetime, *, received_at: datetime | None = None, profile: Profile
) -> Answer:
    """By when the archive must be at the testing organisation; times local as `test_start`.

    `archive_until` is the moment after which it is late, `remind_at` the time to remind.
    """
    lead = profile.value("materials.archive_lead", on=test_start.date())
    if lead.value == "24h_before_start":
        until = test_start - timedelta(hours=24)
        last_day = until.date()
    else:
        last_day = test_start.date() - timedelta(days=1)
        until = datetime.combine(test_start.date(), time(0), tzinfo=test_start.tzinfo)
    before = profile.days.on_or_before(last_day - timedelta(days=1))
    if profile.days.is_working(last_day):
        before = last_day
    remind_at = datetime.combine(before, REMIND_AT, tzinfo=test_start.tzinfo)
    reasons = []
    if received_at and received_at > until:
        reasons.append(ARCHIVE_LATE(lead, received_at=received_at, until=until))
    elif received_at is None and before != last_day:
        reasons.append(ARCHIVE_ON_DAY_OFF(lead, until=last_day, remind_at=remind_at))
    return Answer(
        reasons=tuple(reasons),
        dates={"archive_until": until, "archive_on": last_day, "remind_at": remind_at},
        decided_under=(lead,),
    )


def key_release(
    test_on: date,
    published_at: datetime | None = None,
    *,
    now: datetime | None = None,
    tz: tzinfo | None = None,
    profile: Profile,
) -> Answer:
    """Whether the key was in time: at the very minute still is, later is a violation to log.

    `tz` is the zone of the testing organisation, the region's where it is not given. `now` tells
    of a key that is missing. Moments without a zone are taken as local.
    """
    zone = tz or ZoneInfo(profile.timezone)
    key_time = profile.value("materials.key_time", on=test_on)
    until = datetime.combine(test_on, key_time.value, tzinfo=zone)
    reasons: tuple[Refusal, ...] = ()
    if published_at is not None:
        local = _local(published_at, zone)
        if local > until:
            reasons = (KEY_LATE(key_time, published_at=local, until=until),)
    elif now is not None and _local(now, zone) > until:
        reasons = (KEY_MISSING(key_time, until=until),)
    return Answer(reasons=reasons, dates={"key_until": until}, decided_under=(key_time,))


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


@dataclass(frozen=True)
class Opening:
    """A wish to open the archive of a day. `own`: it was handed to the actor's organisation."""

    test_on: date
    by_testing_org: bool
    own: bool
    received: bool
    key_published: bool


def may_open_archive(wish: Opening, *, profile: Profile) -> Iterator[Refusal]:
    """Why the archive may not be opened. Whoever opens it is logged with the time."""
    key_time = profile.value("materials.key_time", on=wish.test_on)
    if not (wish.by_testing_org and wish.own):
        yield ONLY_TESTING_ORG(key_time)
    if not wish.received:
        yield NOT_RECEIVED()
    if not wish.key_published:
        yield KEY_NOT_PUBLISHED(key_time, test_on=wish.test_on, key_time=key_time.value)
