"""The one gate of the pages: who is asking, in which position, and whether the page is his.

Every view says by `@page` which roles it serves. A view that says nothing is refused, so a new
page cannot be left open by forgetting.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from merilo.foundation import clock
from merilo.foundation.journal.recording import record
from merilo.law import LawError, Refused
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden, Role, Viewer

log = logging.getLogger("merilo.web")

EVERYONE = frozenset(Role) - {Role.SYSTEM}
# Views of packages that keep their own gates, by URL name or namespace.
THIRD_PARTY = ("account_", "mfa_", "set_language", "socialaccount_")


def page(
    *,
    roles: Iterable[Role] = (),
    public: bool = False,
    demo: bool = False,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare who a view is for: roles, or everyone (`public`), or a demonstration only (`demo`)."""

    def mark(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if demo and not settings.DEMO:
                raise Http404
            if not public and not demo:
                viewer = request.viewer
                if viewer is None:
                    if request.user.is_authenticated:
                        return render(request, "no_position.html", status=403)
                    return _to_sign_in(request)
                if viewer.role not in guarded.roles:
                    return denied(request, viewer)
            try:
                return view(request, *args, **kwargs)
            except Forbidden as refused:
                return denied(request, request.viewer, refused)

        guarded.roles = frozenset(roles)
        guarded.public = public or demo
        return guarded

    return mark


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the door and back to the page in hand: an address that only takes forms shows nothing."""
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    messages.warning(
        request,
        _("Вы больше не в системе, поэтому последнее действие не выполнено. Войдите и повторите."),
    )
    came = request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(came, {request.get_host()}, request.is_secure())
    page_in_hand = urlsplit(came)._replace(scheme="", netloc="", fragment="").geturl()
    response = redirect_to_login(page_in_hand if here and page_in_hand else "/")
    if request.headers.get("HX-Request"):  # a fragment is no place for the door
        return HttpResponse(headers={"HX-Redirect": response["Location"]})
    return response


def denied(request: HttpRequest, viewer: Viewer, refused: Refused | None = None) -> HttpResponse:
    """403 with the reason in words, noted in the journal."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    record(
        "access.denied",
        actor=viewer,
        about=f"page:{name}"[:80],
        at=clock.now(),
        kind="denied",
        method=request.method,
    )
    return render(
        request, "403.html", {"refusals": refused.refusals if refused else ()}, status=403
    )


class ViewerMiddleware:
    """Put `request.viewer` in place, refuse unmarked views, and turn refusals into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer, request.positions = None, []
        if request.user.is_authenticated:
            today = clock.today(settings.TIME_ZONE)
            request.positions = list(registry.positions_of(request.user, today=today))
            request.viewer = registry.viewer_among(
                request.positions,
                request.user,
                position_id=request.session.get("position_id"),
            )
        response = self.get_response(request)
        if request.viewer is not None or request.path_info.startswith("/api/"):
            # The next person at this computer finds nothing by the «back» button, nor on its disk.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> Any:
        match = request.resolver_match
        given = request.user.is_authenticated and request.user.must_change_password
        if given and not (match.url_name or "").startswith(THIRD_PARTY):
            return redirect("account_change_password")
        if hasattr(view, "roles") or (match.url_name or "").startswith(THIRD_PARTY):
            return None
        if match.route.startswith("api/"):  # a gate of its own: merilo.api.door
            return None
        log.error("the view %s has no @page: refused", match.view_name)
        return render(request, "403.html", {"refusals": ()}, status=403)

    def process_exception(self, request: HttpRequest, wrong: Exception) -> HttpResponse | None:
        """A refusal or a gap in the law that a page did not show itself becomes a page.

        A row that is not in the scope of the person does not exist for him: 404.
        """
        if isinstance(wrong, ObjectDoesNotExist):
            return page_not_found(request, wrong)
        if isinstance(wrong, Refused):
            return render(request, "refused.html", {"refusals": wrong.refusals}, status=409)
        if isinstance(wrong, LawError):
            return render(request, "refused.html", {"law_error": str(wrong)}, status=409)
        return None
