"""Words for templates: dates, working days, deadlines, plurals, acts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dates import MONTHS_ALT
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


# --- numbers ---------------------------------------------------------------------------------

# A phrase for a number carries its forms in one msgid, so that each language gives as many
# as it has: Russian three, English two, Chinese one.


def choose(number: int, phrase: str) -> str:
    """The form of «день|дня|дней» that goes with the number; the phrase is already translated."""
    each = phrase.split("|")
    count = abs(int(number))
    if len(each) == 3:
        if count % 10 == 1 and count % 100 != 11:
            return each[0]
        if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14:
            return each[1]
        return each[2]
    return each[0] if count == 1 else each[-1]


@register.filter
def plural(number: int, phrase: str) -> str:
    """«3 дня»: {{ n|plural:_("день|дня|дней") }}."""
    return f"{thousands(number)}{NBSP}{choose(number, phrase)}"


@register.filter
def plural_word(number: int, phrase: str) -> str:
    """«дня», without the number: {{ n|plural_word:_("день|дня|дней") }}."""
    return choose(number, phrase)


@register.simple_tag
def workdays(number: int) -> str:
    """«3 раб. дня»."""
    return plural(number, _("раб. день|раб. дня|раб. дней"))


@register.filter
def thousands(number: Any) -> str:
    """«12 480» with a space that does not break."""
    if not isinstance(number, int):
        return str(number)
    return f"{number:,}".replace(",", NBSP).replace("-", MINUS)


# --- dates -----------------------------------------------------------------------------------


def local(moment: date | datetime) -> date | datetime:
    """A moment in the time zone of the reader's organisation; a date stays as it is."""
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def month(number: int) -> str:
    return str(MONTHS_ALT[number])


def short_month(number: int) -> str:
    names = _("янв.|февр.|марта|апр.|мая|июня|июля|авг.|сент.|окт.|нояб.|дек.")
    return names.split("|")[number - 1]


@register.filter
def day(value: date | datetime | None) -> str:
    """«2 февраля 2026»."""
    if not value:
        return ""
    value = local(value)
    return f"{value.day}{NBSP}{month(value.month)} {value.year}"


@register.filter
def day_month(value: date | datetime | None, today: date | None = None) -> str:
    """«2 февраля»; with the year when `today` is given and lies in another year."""
    if not value:
        return ""
    value = local(value)
    if today and today.year != value.year:
        return day(value)
    return f"{value.day}{NBSP}{month(value.month)}"


@register.filter
def day_short(value: date | datetime | None) -> str:
    """«2 февр.»."""
    if not value:
        return ""
    value = local(value)
    return f"{value.day}{NBSP}{short_month(value.month)}"


@register.filter
def grade_words(grade: int) -> str:
    """«7 класс»."""
    return _("%(grade)s класс") % {"grade": grade}


@register.filter
def day_digits(value: date | datetime | None) -> str:
    """«02.02.2026», for dense tables and documents."""
    return local(value).strftime("%d.%m.%Y") if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """«10:14»."""
    return local(value).strftime("%H:%M") if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """«2 февр., 10:14»."""
    return f"{day_short(value)}, {clock(value)}" if value else ""


@register.filter
def moment_full(value: datetime | None) -> str:
    """«2 февраля 2026, 10:14»."""
    return f"{day(value)}, {clock(value)}" if value else ""


@register.filter
def weekday(value: date | datetime | None) -> str:
    """«понедельник»."""
    if not value:
        return ""
    names = _("понедельник|вторник|среда|четверг|пятница|суббота|воскресенье")
    return names.split("|")[local(value).weekday()]


@register.filter
def iso(value: date | datetime | None) -> str:
    """The machine's form of a date, for <time datetime> and data attributes."""
    return value.isoformat() if value else ""


# --- deadlines -------------------------------------------------------------------------------


def deadline_words(
    due: date | datetime | None,
    left: int | None,
    today: date | None,
    done: bool = False,
) -> dict[str, str]:
    """Kind, words and small words of a deadline.

    `left` is in working days, negative when overdue; None when nobody counted. Nothing here
    counts working days: the calendar belongs to the law.
    """
    if due is None:
        return {"kind": "wait", "words": _("без срока"), "small": ""}
    due = local(due)
    due_day = due.date() if isinstance(due, datetime) else due
    at = due.strftime("%H:%M") if isinstance(due, datetime) else ""
    on = day_month(due_day, today)
    if done:
        return {"kind": "ok", "words": _("выполнено"), "small": ""}
    if (left is not None and left < 0) or (today and due_day < today):
        words = _("просрочено")
        if left:
            words = _("просрочено на %(days)s") % {"days": workdays(abs(left))}
        return {"kind": "late", "words": words, "small": _("срок был до %(on)s") % {"on": on}}
    if today and due_day == today:
        words = _("сегодня до %(at)s") % {"at": at} if at else _("сегодня")
        return {"kind": "soon", "words": words, "small": ""}
    if today and due_day == today + timedelta(days=1):
        return {"kind": "soon", "words": _("завтра"), "small": _("до %(on)s") % {"on": on}}
    if left is not None and 0 <= left <= 3:
        verb = _("остался|осталось|осталось")
        words = f"{choose(left, verb)} {workdays(left)}"
        return {"kind": "soon", "words": words, "small": _("до %(on)s") % {"on": on}}
    small = _("осталось %(days)s") % {"days": workdays(left)} if left is not None else ""
    return {"kind": "wait", "words": _("до %(on)s") % {"on": on}, "small": small}


@register.simple_tag(takes_context=True)
def deadline(
    context: template.Context,
    due: date | datetime | None,
    left: Any = None,
    done: Any = False,
    today: date | None = None,
) -> dict[str, str]:
    """{% deadline due left as d %}: the words of `deadline_words` for the page's day."""
    count = int(left) if left not in (None, "") else None
    return deadline_words(due or None, count, today or context.get("today"), bool(done))


# --- acts and reasons ------------------------------------------------------------------------


@register.simple_tag
def law(source: Any, since: date | None = None) -> SafeString | str:
    """An act and its paragraph as a link to the rulebook.

    Takes a `Source`, a `Value` (linked to its own rule, with the day it came into force), or text.
    """
    if not source:
        return ""
    rule = getattr(source, "name", "") if hasattr(source, "source") else ""
    if rule:
        source, since = source.source, since or source.since
    link = rulebook_link(rule)
    shown = format_html('<a href="{}">{}</a>', link, source) if link else str(source)
    if since:
        shown = format_html(
            "{} · {}", shown, _("действует с %(day)s") % {"day": day_digits(since)}
        )
    return shown


@lru_cache(maxsize=512)
def rulebook_link(rule: str = "") -> str:
    """The page of a rule or the whole rulebook, or nothing where there is none."""
    try:
        return reverse("rule", args=[rule]) if rule else reverse("rulebook")
    except NoReverseMatch:
        return ""


@register.filter
def sentence(refusal: Any) -> str:
    """A reason in the reader's language, with its dates and numbers as people write them."""
    if hasattr(refusal, "sentence"):
        return str(refusal.sentence(_, in_words))
    return str(refusal)


def in_words(fact: object) -> str:
    if isinstance(fact, datetime):
        return moment_full(fact)
    if isinstance(fact, date):
        return day(fact)
    if isinstance(fact, list | tuple | set | frozenset):
        return ", ".join(in_words(one) for one in fact)
    return _(fact) if isinstance(fact, str) and fact else str(fact)


# --- pages of a list -------------------------------------------------------------------------


@register.simple_tag
def page_numbers(page: Any) -> list[int | str]:
    """The page numbers to show around the current one, with "…" for the gaps."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag
def language_now() -> str:
    return get_language() or "ru"


# --- marking ---------------------------------------------------------------------------------


@register.simple_tag
def mark_keys(highest: Any, keys: Any = "", value: Any = "") -> list[dict[str, Any]]:
    """The marks a criterion offers: 0..highest, or the given ones («0 1 2», or pairs)."""
    if keys and not isinstance(keys, str):
        offered = [(str(one[0]), str(one[1])) for one in keys]
    elif keys:
        offered = [(one, one) for one in keys.split()]
    else:
        offered = [(str(one), str(one)) for one in range(int(highest) + 1)]
    chosen = "" if value is None else str(value)
    return [{"value": key, "words": words, "checked": key == chosen} for key, words in offered]
