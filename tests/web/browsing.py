"""A real browser on the pages of a test, served by pytest-django's live server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

CHROMIUM = os.environ.get("MERILO_CHROMIUM") or shutil.which("chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]


@contextmanager
def a_browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: ./merilo test brings one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


def session_of(account: Any) -> str:
    """A session of the account, made before the browser starts: its loop forbids the database."""
    client = Client()
    client.force_login(account)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def open_tab(browser: Any, address: str, session: str, *, width: int = 1280) -> Any:
    """A tab of a signed-in person; `tab.wrong` gathers errors of scripts and of the CSP."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        locale="ru-RU",
        base_url=address,
        timezone_id="Asia/Vladivostok",
    )
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    tab = context.new_page()
    tab.wrong = []
    tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
    tab.on(
        "console",
        lambda said: tab.wrong.append(said.text) if "Security Policy" in said.text else None,
    )
    return tab
