"""What every page's frame needs: who is at work, where they may go, what day it is."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from merilo.foundation import clock, languages
from merilo.web import addresses

try:
    VERSION = version("merilo")
except PackageNotFoundError:
    VERSION = ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """The frame around a page. Menus are lazy: a fragment for htmx never counts its queues."""
    viewer = getattr(request, "viewer", None)
    zone = viewer.timezone if viewer else settings.TIME_ZONE
    return {
        "viewer": viewer,
        "role": role_name(viewer),
        "reads_journal": reads_journal(viewer),
        "reads_cases": reads_cases(viewer),
        "nav": SimpleLazyObject(lambda: grouped(from_navigation("items", request))),
        "positions": SimpleLazyObject(lambda: from_navigation("positions", request)),
        "today": clock.today(zone),
        "clock_shift": clock.shift(),
        "demo": settings.DEMO,
        "demo_accounts": getattr(settings, "DEMO_ACCOUNTS", ()),
        "version": VERSION,
        "links": {name: address(name) for name in FRAME_LINKS},
        "languages": settings.LANGUAGES,
        "translation_gaps": bool(languages.missing_in(get_language() or languages.HOME)),
    }


# The frame links to pages other people write; where one is not there, neither is its link.
FRAME_LINKS = (
    "home",
    "rulebook",
    "help",
    "journal",
    "search",
    "switch_position",
    "set_language",
    "account_logout",
    "account_change_password",
    "mfa_index",
)


def address(name: str) -> str:
    try:
        return addresses.address(name)
    except NoReverseMatch:
        return ""


def role_name(viewer: Any) -> str:
    if viewer is None:
        return ""
    from merilo.registry.access import ROLE_NAMES

    name = _(viewer.title or ROLE_NAMES.get(viewer.role, ""))
    return name[:1].upper() + name[1:]


def reads_journal(viewer: Any) -> bool:
    """Whether the page of the journal would open: a link to a refusal is not offered."""
    from merilo.web.oversight.journal import READERS

    return viewer is not None and viewer.role in READERS


def reads_cases(viewer: Any) -> bool:
    """Whether the page of a case in scope would open: to the data centre it would not."""
    from merilo.admissions.access import READ

    return viewer is not None and viewer.role in READ


def from_navigation(name: str, request: HttpRequest) -> list[dict[str, Any]]:
    """`items` or `positions` of the navigation, or nothing for a visitor who is not signed in."""
    if getattr(request, "viewer", None) is None:
        return []
    navigation = import_module("merilo.web.navigation")
    found = getattr(navigation, name, None)
    return list(found(request)) if found else []


def grouped(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring items of one group under one small heading; the first group has none."""
    return [
        {"title": title, "items": list(these)}
        for title, these in groupby(items, key=lambda item: item.get("group") or "")
    ]
