"""Other systems at the door: a client with a token, and the answers it reads."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.test import Client

from builders import NOW, Region
from merilo.registry import actions


def a_token(region: Region, who: str, *, expires_on: date = date(2026, 12, 1)) -> str:
    _token, text = actions.make_token(
        position_id=region.viewer(who).position_id,
        name=f"АИС: {who}",
        expires_on=expires_on,
        actor=region.viewer("admin"),
        now=NOW,
    )
    return text


class System:
    """Another system with the token of somebody's position."""

    def __init__(self, token: str | None):
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **asked: Any):
        return self.client.get(f"/api/v1{path}", asked, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str):
        return self.client.post(
            f"/api/v1{path}",
            json.dumps({} if body is None else body),
            content_type="application/json",
            headers=self.headers | {k.replace("_", "-"): v for k, v in headers.items()},
        )


NEW = {
    "child": {
        "last_name": "Юсупова",
        "first_name": "Малика",
        "birth_date": "2017-05-20",
        "citizenship": "Таджикистан",
        "id_doc_type": "паспорт",
        "id_doc_number": "A 7654321",
    },
    "representative": {"last_name": "Юсупов", "first_name": "Рустам"},
    "grade": 2,
    "channel": "EPGU",
    "submitted_on": "2026-03-16",
    "consent_to_test": True,
    "notify_email": "parent@example.org",
}
