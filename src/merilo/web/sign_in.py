"""Signing in: accounts are made by an administrator, nobody signs himself up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings

from merilo.foundation import clock
from merilo.foundation.journal.recording import record
from merilo.registry import queries as registry


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False

    def post_login(self, request, user, **kwargs: Any):
        """Note who came in. A person without a position today gets no further than the door."""
        viewer = registry.viewer_of(user, today=clock.today(settings.TIME_ZONE))
        if viewer is not None:
            record("access.signed-in", actor=viewer, about=user, at=clock.now())
        return super().post_login(request, user, **kwargs)
