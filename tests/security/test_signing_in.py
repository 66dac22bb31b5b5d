"""The door: passwords, second factor, cookies, what the journal keeps of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from builders import NOW
from merilo.foundation.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_counts():
    """The counts of wrong passwords live in the cache; each test begins without any."""
    cache.clear()
    yield
    cache.clear()


def come_in(client: Client, login: str = "school", password: str = "pass-word-1"):
    return client.post(reverse("account_login"), {"login": login, "password": password})


def test_a_person_signs_in_and_the_journal_notes_it(region, client, hold_clock):
    hold_clock(NOW)
    answer = come_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    entry = JournalEntry.objects.get(event="access.signed-in")
    assert entry.actor == region.accounts["school"]
    assert entry.organisation == region.school


def test_a_wrong_password_and_an_unknown_login_are_answered_alike(region, client, hold_clock):
    hold_clock(NOW)
    pages = []
    for login, password in (("school", "wrong-word-1"), ("nobody", "wrong-word-1")):
        answer = come_in(client, login, password)
        assert answer.status_code == 200
        page = re.sub(r'(value|name="csrf\w*")="[^"]*"', "", answer.content.decode())
        pages.append(page.replace(login, "LOGIN"))
    assert pages[0] == pages[1]
    assert not JournalEntry.objects.filter(event="access.signed-in").exists()


def test_guessing_of_passwords_is_stopped(region, client, hold_clock):
    hold_clock(NOW)
    for _ in range(12):
        come_in(client, "school", "wrong-word-1")
    answer = come_in(client)
    assert answer.status_code in (200, 429), "the right password does not help after many wrong"
    assert "_auth_user_id" not in client.session


def test_a_closed_account_stays_outside(region, client, hold_clock):
    hold_clock(NOW)
    account = region.accounts["school"]
    account.is_active = False
    account.save()
    come_in(client)
    assert "_auth_user_id" not in client.session


def test_t35_a_position_that_ended_loses_its_pages_at_once(region, client, hold_clock):
    hold_clock(NOW)
    client.force_login(region.accounts["school"])
    assert client.get(reverse("applications")).status_code == 200
    from datetime import date

    region.accounts["school"].positions.update(valid_to=date(2026, 3, 15))
    answer = client.get(reverse("applications"))
    assert answer.status_code == 403


def test_nobody_signs_himself_up(client, db):
    answer = client.get(reverse("account_signup"))
    assert "password1" not in answer.content.decode()
    client.post(
        reverse("account_signup"),
        {"username": "me", "password1": "pass-word-123", "password2": "pass-word-123"},
    )
    from merilo.registry.models import Account

    assert not Account.objects.exists()


def test_the_second_factor_can_be_switched_on_and_is_then_asked_for(region, client, hold_clock):
    from allauth.mfa.totp.internal.auth import TOTP, hotp_value, yield_hotp_counters_from_time

    come_in(client)
    url = reverse("mfa_activate_totp")
    again = client.get(url)  # whoever changes the keys of an account shows his password again
    assert again["Location"].startswith(reverse("account_reauthenticate"))
    client.post(again["Location"], {"password": "pass-word-1"})
    page = client.get(url)
    assert page.status_code == 200
    secret = page.context["form"].secret
    code = f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"
    assert client.post(url, {"code": code}).status_code == 302
    account = region.accounts["school"]
    assert account.authenticator_set.filter(type="totp").exists()
    assert TOTP is not None

    other = Client()
    answer = come_in(other)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in other.session


def test_cookies_of_a_session_are_out_of_the_reach_of_scripts(region, client, hold_clock):
    hold_clock(NOW)
    answer = come_in(client)
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert settings.SESSION_COOKIE_AGE <= 12 * 3600


LIVE = """
import os, json
os.environ["MERILO_HTTPS"] = "{https}"
from merilo import settings as s
print(json.dumps([s.PASSWORD_HASHERS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
                  s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, s.DEBUG]))
"""


def test_a_real_installation_hashes_by_argon2_and_sends_cookies_by_https_only():
    """Read in a process of its own: under the tests the settings are quicker and weaker."""
    import json

    done = subprocess.run(
        [sys.executable, "-c", LIVE.format(https="True")],
        env={
            **{k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
            "PYTHONPATH": "src",
            "DATABASE_URL": "postgres://nobody@localhost/none",
            "MERILO_SECRET_KEY": "x" * 50,
            "MERILO_FILES_KEY": "y" * 50,
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    hashers, session, csrf, redirect, hsts, debug = json.loads(
        done.stdout.strip().splitlines()[-1]
    )
    assert hashers == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert session and csrf and redirect and hsts > 0 and not debug
