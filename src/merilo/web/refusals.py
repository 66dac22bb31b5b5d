"""The sentence for each refusal, where people read it: what is wrong, what to do, which paragraph."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext

from merilo.law import Refusal, Refused
from merilo.web.templatetags import merilo as tags


def words(fact: object) -> str:
    """A fact in the reader's language: dates long, lists with commas."""
    if isinstance(fact, datetime):
        return tags.moment_full(fact)
    if isinstance(fact, date):
        return tags.day(fact)
    if isinstance(fact, time):
        return f"{fact:%H:%M}"
    if isinstance(fact, list | tuple | set | frozenset):
        return ", ".join(words(one) for one in fact)
    return gettext(str(fact)) if isinstance(fact, str) and fact else str(fact)


def sentence(refusal: Refusal, *, with_source: bool = True) -> str:
    text = refusal.sentence(gettext, words)
    return f"{text} ({refusal.source})" if with_source and refusal.source else text


def show(refused: Refused | Iterable[Refusal], form: forms.Form) -> None:
    """Put every reason into the form's error summary."""
    for refusal in getattr(refused, "refusals", refused):
        form.add_error(None, sentence(refusal))


def flash(request: HttpRequest, refused: Refused | Iterable[Refusal]) -> None:
    """Show every reason on the next page."""
    for refusal in getattr(refused, "refusals", refused):
        level = messages.WARNING if refusal.is_warning else messages.ERROR
        messages.add_message(request, level, sentence(refusal))


def as_data(refusals: Iterable[Refusal]) -> list[dict[str, object]]:
    """Reasons as they are kept with a decision and given by the API."""
    return [
        {
            "code": refusal.code,
            "sentence": refusal.sentence(),
            "act": refusal.source.act.id if refusal.source else "",
            "paragraph": refusal.source.paragraph if refusal.source else "",
            "warning": refusal.is_warning,
        }
        for refusal in refusals
    ]
