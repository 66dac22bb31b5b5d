"""The OpenAPI description as rows for people: operations by task, fields in words, examples.

Nothing is written here by hand about any operation: all is read from the description itself.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from merilo.registry.access import ROLE_NAMES, Role

DEEPEST = 4  # a shape inside itself ends here
BY_FORMAT = {"date": "2026-03-16", "date-time": "2026-03-16T09:00:00+10:00"}


@dataclass(frozen=True)
class Field:
    """One field or parameter: «child.birth_date», a day, must be given."""

    name: str
    kind: str
    meaning: str
    required: bool
    choices: tuple[str, ...] = ()
    default: str = ""

    @property
    def pieces(self) -> list[str]:
        return pieces_of(self.name)


class Operation:
    """One operation of the description."""

    def __init__(self, whole: dict[str, Any], path: str, method: str):
        self.whole, self.path, self.method = whole, path, method.upper()
        self.told: dict[str, Any] = whole["paths"][path][method]
        self.name: str = self.told["operationId"]
        self.tag: str = self.told["tags"][0]

    @property
    def pieces(self) -> list[str]:
        return pieces_of(f"{self.method} {self.path}")

    @property
    def summary(self) -> str:
        return _(self.told["summary"])

    @property
    def roles(self) -> list[str]:
        return [_(ROLE_NAMES[Role(role)]) for role in self.told["x-roles"]]

    @property
    def parameters(self) -> list[Field]:
        """What stands in the address and the headers."""
        return [
            self._field(one["name"], one | one["schema"], one.get("required", False))
            for one in self.told.get("parameters", ())
        ]

    @property
    def body(self) -> list[Field]:
        shape = self._body_shape()
        return list(self._fields(shape)) if shape else []

    @property
    def answer(self) -> list[Field]:
        return list(self._fields(self._answer()[1]))

    @property
    def status(self) -> str:
        return self._answer()[0]

    @property
    def errors(self) -> list[str]:
        return [status for status in self.told["responses"] if int(status) >= 400]

    def curl(self, address: str) -> str:
        """A call that works once the token and the numbers are put in."""
        parts = [f"curl -X {self.method} {shlex.quote(address + self._address())}"]
        parts.append('-H "Authorization: Bearer $MERILO_TOKEN"')
        for one in self.told.get("parameters", ()):
            if one["in"] == "header":
                parts.append("-H " + shlex.quote(f"{one['name']}: {self._example(one)}"))
        shape = self._body_shape()
        if shape:
            body = self._example(shape, needed_only=True)
            parts.append("-H 'Content-Type: application/json'")
            parts.append(f"-d {shlex.quote(as_text(body))}")
        return " \\\n  ".join(parts)

    def answer_example(self) -> str:
        return as_text(self._example(self._answer()[1]))

    # --- reading ---------------------------------------------------------------------------------

    def _address(self) -> str:
        path, query = self.path, []
        for one in self.told.get("parameters", ()):
            if one["in"] == "path":
                path = path.replace("{" + one["name"] + "}", str(self._example(one)))
            elif one["in"] == "query" and one.get("required"):
                query.append(f"{one['name']}={self._example(one)}")
        return path + ("?" + "&".join(query) if query else "")

    def _body_shape(self) -> dict[str, Any] | None:
        body = self.told.get("requestBody")
        return body["content"]["application/json"]["schema"] if body else None

    def _answer(self) -> tuple[str, dict[str, Any]]:
        for status, response in self.told["responses"].items():
            if int(status) < 300:
                return status, response["content"]["application/json"]["schema"]
        raise LookupError(f"{self.name} describes no answer")

    def _plain(self, shape: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """The shape itself, references followed, and whether it may be empty."""
        empty = False
        while True:
            if "$ref" in shape:
                found = self.whole["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
                shape = found | {k: v for k, v in shape.items() if k != "$ref"}
            elif "schema" in shape:
                shape = shape["schema"] | {k: v for k, v in shape.items() if k != "schema"}
            elif len(shape.get("allOf", ())) == 1:
                shape = shape["allOf"][0] | {k: v for k, v in shape.items() if k != "allOf"}
            elif "anyOf" in shape:
                full = [one for one in shape["anyOf"] if one.get("type") != "null"]
                empty = empty or len(full) < len(shape["anyOf"])
                if len(full) != 1:
                    return {k: v for k, v in shape.items() if k != "anyOf"}, empty
                shape = full[0] | {k: v for k, v in shape.items() if k != "anyOf"}
            else:
                return shape, empty

    def _fields(self, shape: dict[str, Any], prefix: str = "", deep: int = 0) -> Iterator[Field]:
        plain, _empty = self._plain(shape)
        needed = plain.get("required", ())
        for name, field in plain.get("properties", {}).items():
            yield self._field(prefix + name, field, name in needed)
            inner, _empty = self._plain(field)
            mark = "."
            if inner.get("type") == "array":
                inner, mark = self._plain(inner["items"])[0], "[]."
            if "properties" in inner and deep < DEEPEST:
                yield from self._fields(inner, f"{prefix}{name}{mark}", deep + 1)

    def _field(self, name: str, shape: dict[str, Any], required: bool) -> Field:
        plain, empty = self._plain(shape)
        kind = self._kind(plain)
        if empty:
            kind = _("%(kind)s или null") % {"kind": kind}
        listed = self._plain(plain["items"])[0] if plain.get("type") == "array" else plain
        default = plain.get("default")
        return Field(
            name=name,
            kind=kind,
            meaning=_(plain["description"]) if plain.get("description") else "",
            required=required,
            choices=tuple(str(one) for one in listed.get("enum", ()) if one != ""),
            default="" if default in (None, "", []) else json.dumps(default, ensure_ascii=False),
        )

    def _kind(self, shape: dict[str, Any]) -> str:
        """What may stand there, in words."""
        if "enum" in shape:
            return _("одно из значений")
        kind = shape.get("type", "")
        if kind == "array":
            inner = self._kind(self._plain(shape["items"])[0])
            return _("список: %(kind)s") % {"kind": inner}
        if kind == "integer" and {"minimum", "maximum"} <= shape.keys():
            return _("целое от %(least)s до %(most)s") % {
                "least": shape["minimum"],
                "most": shape["maximum"],
            }
        if kind == "string" and shape.get("format") in BY_FORMAT:
            return _("день") if shape["format"] == "date" else _("время")
        if kind == "string" and "maxLength" in shape:
            return _("строка до %(most)s знаков") % {"most": shape["maxLength"]}
        return {
            "integer": _("целое число"),
            "number": _("число"),
            "boolean": _("да или нет (true, false)"),
            "string": _("строка"),
            "object": _("объект"),
        }.get(kind, _("любое значение JSON"))

    def _example(self, shape: dict[str, Any], *, needed_only: bool = False, deep: int = 0) -> Any:
        """A value of that shape: the one given as an example, else the simplest that fits."""
        plain, _empty = self._plain(shape)
        if plain.get("examples"):
            return plain["examples"][0]
        if "enum" in plain:
            return next(one for one in plain["enum"] if one != "")
        kind = plain.get("type")
        if kind == "object" or "properties" in plain:
            if deep > DEEPEST:
                return {}
            needed = plain.get("required", ())
            return {
                name: self._example(field, needed_only=needed_only, deep=deep + 1)
                for name, field in plain.get("properties", {}).items()
                if not needed_only or name in needed
            }
        if kind == "array":
            return [self._example(plain["items"], needed_only=needed_only, deep=deep + 1)]
        if plain.get("default") is not None:
            return plain["default"]
        if kind == "string":
            return BY_FORMAT.get(plain.get("format", ""), "…")
        simplest = {"integer": max(1, plain.get("minimum", 1)), "boolean": True, "number": 1.5}
        return simplest.get(str(kind))


def pieces_of(code: str) -> list[str]:
    """Where a long address or name may be broken: after a slash or a point, before «_» and «{»."""
    return re.split(r"(?<=[/.])|(?=[_{])", code)


def as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def operations(whole: dict[str, Any]) -> list[Operation]:
    """All operations in the order of the description."""
    paths = whole["paths"]
    return [Operation(whole, path, method) for path in paths for method in paths[path]]


def by_task(found: list[Operation]) -> list[tuple[str, list[Operation]]]:
    return [(_(tag), list(these)) for tag, these in groupby(found, key=lambda one: one.tag)]
