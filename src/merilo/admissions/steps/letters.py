"""What the school writes to the parent, in the language the parent chose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, override

from merilo.admissions import rules
from merilo.admissions.models import Application
from merilo.casework.models import Notice
from merilo.casework.rules import Channel
from merilo.casework.steps import in_language, queue_notice
from merilo.foundation import languages
from merilo.law import Refusal, in_words
from merilo.registry.access import Viewer
from merilo.registry.steps import in_transaction


def tell_parent(
    application: Application,
    template: str,
    *,
    key: str,
    subject_line: Callable[[], str],
    text: Callable[[], str],
    actor: Viewer,
    now: datetime,
    official: bool = False,
) -> Notice | None:
    """Write to the parent once for a `key`: by e-mail, else by post, else to hand over at school.

    `subject_line` and `text` compose in the active language, which is the one the parent chose.
    """
    in_transaction()
    if application.notify_email:
        channel, address = Channel.EMAIL, application.notify_email
    elif application.notify_address:
        channel, address = Channel.POST, application.notify_address
    elif application.has_portal_account:
        channel, address = Channel.PORTAL, "личный кабинет заявителя"
    else:
        channel, address = Channel.HAND, "вручить в школе"
    language = application.language
    with override(language or languages.HOME):
        subject = subject_line()
    return queue_notice(
        template,
        key=key,
        channel=channel,
        address=address,
        subject_line=subject,
        body=in_language(language, lambda: framed(application, text()), official=official),
        actor=actor,
        now=now,
        language=language,
        case_id=application.pk,
        organisation_id=application.school_id,
    )


def framed(application: Application, text: str) -> str:
    """A letter's body: greeting, the text, where to look, the school's name under it."""
    school = application.school
    return "\n\n".join(
        (
            gettext("Здравствуйте!"),
            text,
            gettext("Заявление № %(number)s. Состояние дела можно посмотреть на сайте по номеру.")
            % {"number": application.number},
            "\n".join(line for line in (school.short_name, school.phone) if line),
        )
    )


def write_to_parent(
    application: Application,
    template: str,
    *,
    key: str,
    actor: Viewer,
    now: datetime,
    facts: Mapping[str, object] | None = None,
    items: Iterable[Refusal | str] = (),
    note: str = "",
) -> Notice | None:
    """One of the letters of `rules.LETTERS` with its facts, a numbered list, the school's words."""
    listed = tuple(items)

    def said(phrase: str) -> str:
        told = {"case": application.number, **(facts or {})}
        return gettext(phrase) % {name: words(fact) for name, fact in told.items()}

    def text() -> str:
        parts = [said(rules.LETTERS[template])]
        if listed:
            parts.append("\n".join(f"{n}. {sentence(item)}" for n, item in enumerate(listed, 1)))
        if note:
            parts.append(gettext("Школа добавляет: «%(note)s».") % {"note": note.rstrip(". ")})
        return "\n\n".join(parts)

    return tell_parent(
        application,
        template,
        key=key,
        subject_line=lambda: said(rules.SUBJECTS[template]),
        text=text,
        actor=actor,
        now=now,
        official=template in rules.OFFICIAL,
    )


def words(fact: object) -> str:
    """A fact in the language of the letter."""
    if isinstance(fact, date):
        return date_format(fact, "j E Y")  # the same in a sentence of any language
    return gettext(fact) if isinstance(fact, str) and fact else in_words(fact)


def sentence(item: Refusal | str) -> str:
    """A line of a list as the parent reads it."""
    return gettext(item) if isinstance(item, str) else item.sentence(gettext, words).strip()


def tell_of_refusal(
    application: Application,
    template: str,
    *,
    actor: Viewer,
    now: datetime,
    facts: Mapping[str, object] | None = None,
    items: Iterable[Refusal | str] = (),
    note: str = "",
) -> None:
    """A decision may be taken again another day: one letter for each."""
    write_to_parent(
        application,
        template,
        key=f"{template}:{application.pk}:{now:%Y%m%d}",
        facts=facts,
        items=items,
        note=note,
        actor=actor,
        now=now,
    )
