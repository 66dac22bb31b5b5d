"""What the school writes to the parent, in the language the parent chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, override

from merilo.admissions import rules
from merilo.admissions.models import Application
from merilo.casework.models import Notice
from merilo.casework.rules import Channel
from merilo.casework.steps import queue_notice
from merilo.law import Refusal, in_words
from merilo.registry.access import Viewer
from merilo.registry.steps import in_transaction


def tell_parent(
    application: Application,
    template: str,
    *,
    key: str,
    subject_line: str,
    body: str,
    actor: Viewer,
    now: datetime,
    attachment_id: Any = None,
) -> Notice | None:
    """Write to the parent once for a `key`: by e-mail, else by post, else to hand over at school."""
    in_transaction()
    if application.notify_email:
        channel, address = Channel.EMAIL, application.notify_email
    elif application.notify_address:
        channel, address = Channel.POST, application.notify_address
    elif application.has_portal_account:
        channel, address = Channel.PORTAL, "личный кабинет заявителя"
    else:
        channel, address = Channel.HAND, "вручить в школе"
    return queue_notice(
        template,
        key=key,
        channel=channel,
        address=address,
        subject_line=subject_line,
        body=body,
        actor=actor,
        now=now,
        language=application.language,
        case_id=application.pk,
        organisation_id=application.school_id,
        attachment_id=attachment_id,
    )


def letter(
    application: Application,
    text: str,
    facts: Mapping[str, object] | None = None,
    items: Iterable[str] = (),
) -> str:
    """A letter's body: greeting, the text, a numbered list, the school's name under it."""
    with override(application.language or "ru"):
        said = gettext(text) % {name: words(fact) for name, fact in (facts or {}).items()}
        parts = [gettext("Здравствуйте!"), said]
        listed = "\n".join(f"{n}. {gettext(item)}" for n, item in enumerate(items, 1))
        if listed:
            parts.append(listed)
        parts.append(
            gettext("Заявление № %(number)s. Состояние дела можно посмотреть на сайте по номеру.")
            % {"number": application.number}
        )
        school = application.school
        parts.append("\n".join(line for line in (school.short_name, school.phone) if line))
        return "\n\n".join(parts)


def words(fact: object) -> str:
    """A fact in the language of the letter."""
    if isinstance(fact, date):
        return date_format(fact, "DATE_FORMAT")
    return gettext(fact) if isinstance(fact, str) and fact else in_words(fact)


def sentences(application: Application, refusals: Iterable[Refusal]) -> list[str]:
    """Reasons as the parent reads them."""
    with override(application.language or "ru"):
        return [refusal.sentence(gettext, words).strip() for refusal in refusals]


def tell_of_refusal(
    application: Application,
    template: str,
    *,
    actor: Viewer,
    now: datetime,
    facts: Mapping[str, object] | None = None,
    items: Iterable[str] = (),
) -> None:
    tell_parent(
        application,
        template,
        key=f"{template}:{application.pk}:{now:%Y%m%d}",
        subject_line=f"Решение по заявлению № {application.number}",
        body=letter(application, rules.LETTERS[template], facts, items),
        actor=actor,
        now=now,
    )
