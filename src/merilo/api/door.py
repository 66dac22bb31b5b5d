"""The one gate of the programming interface: whose token, which role, and every error in words.

An operation is made only by `served`, which writes down its roles; the gate refuses a request to
anything else. Errors are «application/problem+json» (RFC 9457) with every reason of a refusal.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import wraps
from http import HTTPStatus
from inspect import signature
from typing import Any, get_args

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.params.models import Query as QueryParameter
from ninja.security import HttpBearer

from merilo.foundation import clock
from merilo.foundation.journal.recording import record
from merilo.foundation.limits import counting
from merilo.law import LawError, Refusal, Refused
from merilo.law.refusal import _ as N_
from merilo.registry import actions as registry_actions
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden, Role

from .shapes import Problem
from .words import described, in_the_readers_language

log = logging.getLogger("merilo.api")

PROBLEM = "application/problem+json"
EVERYONE = frozenset(Role) - {Role.SYSTEM}
ERRORS: dict[int, Any] = {400: Problem, 401: Problem, 403: Problem, 404: Problem}
ERRORS |= {405: Problem, 409: Problem, 413: Problem, 422: Problem, 429: Problem}


class TooOften(Exception):
    """Too many calls; `wait`: for how many seconds there is no answer."""

    def __init__(self, wait: int):
        super().__init__(wait)
        self.wait = wait


class Token(HttpBearer):
    """«Authorization: Bearer mrl_…»: a token speaks for one position in one organisation."""

    openapi_scheme = "bearer"

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        if len(token) > 200:
            return None
        found = registry.token_and_viewer(token, today=clock.today(settings.TIME_ZONE))
        if found is None:
            return None
        kept, viewer = found
        wait = counting.wait_after(
            f"token:{kept.pk}", at_most=settings.API_CALLS_A_MINUTE, now=clock.now()
        )
        if wait:
            raise TooOften(wait)
        registry_actions.note_token_used(token_id=kept.pk, now=clock.now())
        request.viewer = viewer
        return viewer


RETRY_AFTER = {
    "Retry-After": {
        "description": N_("Через сколько секунд повторить"),
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}


class Api(NinjaAPI):
    """Errors in the description are of their own content type, 429 says when to come again."""

    def get_openapi_schema(self, **how: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**how)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        content = response["content"].pop("application/json")
                        response["content"][PROBLEM] = content
                operation["responses"][429]["headers"] = deepcopy(RETRY_AFTER)
        described(schema)
        in_the_readers_language(schema)
        return schema


api = Api(
    title="Мерило",
    version="1",
    description=N_(
        "Те же дела, правила и права, что на страницах. Ключ выдаёт администратор: один ключ — "
        "одна должность в одной организации. Имена детей приходят только по with_person=true "
        "ролям, которым они нужны; каждый такой ответ попадает в журнал. Заголовок "
        "Idempotency-Key делает повтор создающего запроса безопасным."
    ),
    urls_namespace="api",
    docs_url=None,
    openapi_url="/openapi.json",
    auth=Token(),
)


def served(
    router: Router,
    method: str,
    path: str,
    *,
    roles: Iterable[Role],
    answer: Any,
    status: int = 200,
    summary: str,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function an operation for these roles; it answers `answer` under `status`."""
    allowed = frozenset(roles)

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        known = asked_by(view)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **given: Any) -> Any:
            if request.viewer is None or request.viewer.role not in allowed:
                raise Forbidden([])
            if strange := sorted(set(request.GET) - known):
                raise ValidationError(
                    [{"type": "extra_forbidden", "loc": ("query", name)} for name in strange]
                )
            return Status(status, view(request, *args, **given))

        guarded.roles = allowed  # type: ignore[attr-defined]
        router.api_operation(
            [method],
            path,
            response={status: answer, **ERRORS},
            summary=summary,
            operation_id=view.__name__,
            auth=Token(),
            openapi_extra={"x-roles": sorted(allowed)},
        )(guarded)
        return guarded

    return mark


def asked_by(view: Callable[..., Any]) -> frozenset[str]:
    """The parameters of the address a function reads. Others are a mistake, not a wish."""
    names: set[str] = set()
    for name, parameter in signature(view).parameters.items():
        kinds = get_args(parameter.annotation)
        if kinds and isinstance(kinds[-1], QueryParameter):
            names |= set(kinds[0].model_fields)
        elif parameter.annotation is bool:
            names.add(name)
    return frozenset(names)


def request_key(request: HttpRequest, key: str) -> str:
    """The key of a request within its position: no system can meet another's. Empty stays empty."""
    if not key:
        return ""
    whole = f"{request.viewer.position_id}:{request.path}:{key}"
    return "api:" + hashlib.sha256(whole.encode()).hexdigest()[:40]


# --- errors --------------------------------------------------------------------------------------


def reasons_of(refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """Every reason as the interface gives it."""
    return [
        {
            "code": one.code,
            "sentence": one.sentence(_),
            "act": one.source.act.id if one.source else "",
            "paragraph": one.source.paragraph if one.source else "",
        }
        for one in refusals
    ]


def problem(
    status: int, kind: str, detail: str, reasons: Iterable[dict[str, Any]] = ()
) -> HttpResponse:
    """One error as every client reads it."""
    body = {
        "type": f"urn:merilo:problem:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "reasons": list(reasons),
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM
    )
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="merilo"'
    return response


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, wrong: AuthenticationError) -> HttpResponse:
    # Counted after the token was looked up: a good one is not shut out by its neighbours.
    wait = counting.wait_after(
        f"bad-token:{counting.of_address(request.META.get('REMOTE_ADDR', ''))}",
        at_most=settings.API_BAD_TOKENS_A_MINUTE,
        now=clock.now(),
    )
    if wait:
        return _too_often(request, TooOften(wait))
    return problem(
        401, "token", _("Ключ не подходит: его нет, он отозван или закончился. Выдайте новый.")
    )


@api.exception_handler(TooOften)
def _too_often(request: HttpRequest, wrong: TooOften) -> HttpResponse:
    said = _("Слишком много обращений за минуту. Повторите через %(wait)s с.") % {
        "wait": wrong.wait
    }
    found = problem(429, "too-many", said)
    found["Retry-After"] = str(wrong.wait)
    return found


@api.exception_handler(Refused)
def _refused(request: HttpRequest, wrong: Refused) -> HttpResponse:
    reasons = reasons_of(wrong.refusals)
    return problem(409, "refused", " ".join(one["sentence"] for one in reasons), reasons)


@api.exception_handler(Forbidden)
def _forbidden(request: HttpRequest, wrong: Forbidden) -> HttpResponse:
    record(
        "access.denied",
        actor=request.viewer,
        about=f"api:{request.method} {request.path}"[:80],
        at=clock.now(),
        kind="denied",
        method=request.method,
    )
    said = _("Роль этого ключа не выполняет такое действие. Возьмите ключ другой должности.")
    return problem(403, "role", said, reasons_of(wrong.refusals))


@api.exception_handler(ObjectDoesNotExist)
@api.exception_handler(Http404)
def _not_there(request: HttpRequest, wrong: Exception) -> HttpResponse:
    return problem(404, "not-found", _("Такой записи нет или она не вашей организации."))


@api.exception_handler(LawError)
def _law_missing(request: HttpRequest, wrong: LawError) -> HttpResponse:
    return problem(409, "law", str(wrong))


@api.exception_handler(IntegrityError)
def _at_once(request: HttpRequest, wrong: IntegrityError) -> HttpResponse:
    log.warning("a request met another one: %s", type(wrong.__cause__).__name__)
    said = _("Запись уже изменил другой запрос. Прочитайте её снова и повторите.")
    return problem(409, "conflict", said)


WORDS = {
    "missing": N_("не заполнено"),
    "extra_forbidden": N_("такого поля нет"),
    "greater_than_equal": N_("меньше допустимого"),
    "less_than_equal": N_("больше допустимого"),
    "string_too_long": N_("слишком длинно"),
    "string_too_short": N_("слишком коротко"),
    "enum": N_("нет в списке допустимых"),
    "literal_error": N_("нет в списке допустимых"),
}


@api.exception_handler(ValidationError)
def _wrong_shape(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    reasons = []
    for one in wrong.errors[:50]:
        place = ".".join(str(part) for part in one["loc"][1:] if part not in ("body", "page"))
        word = _(WORDS[one["type"]]) if one["type"] in WORDS else _("значение не подходит")
        sentence = _("Поле «%(place)s»: %(word)s.") % {"place": place[:80], "word": word}
        code = f"api.{one['type']}".replace("_", "-")
        reasons.append({"code": code, "sentence": sentence, "act": "", "paragraph": ""})
    said = _("Запрос не соответствует описанию. ") + " ".join(r["sentence"] for r in reasons[:3])
    return problem(422, "shape", said, reasons)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, wrong: HttpError) -> HttpResponse:
    return problem(wrong.status_code, "request", _("Тело запроса не читается: нужен JSON."))


@api.exception_handler(Exception)
def _broken(request: HttpRequest, wrong: Exception) -> HttpResponse:
    log.exception("an operation failed", exc_info=wrong)
    said = _("Ошибка на нашей стороне. Повторите позже; если повторится, сообщите администратору.")
    return problem(500, "internal", said)


def every_error_in_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The few answers that are made before an operation is chosen become problems too."""

    @wraps(view)
    def worded(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        response = view(request, *args, **given)
        if response.status_code == 405:
            found = problem(405, "method", _("Этот адрес не принимает такой метод."))
            found["Allow"] = response.headers.get("Allow", "")
            return found
        return response

    return worded


def nothing_here(request: HttpRequest, path: str = "") -> HttpResponse:
    """Any other address of the interface."""
    said = _("Такого адреса нет. Описание: /api/v1/openapi.json.")
    return problem(404, "address", said)


nothing_here.csrf_exempt = True  # type: ignore[attr-defined]
