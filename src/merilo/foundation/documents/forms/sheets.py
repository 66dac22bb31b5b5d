"""Columns of lists and of import templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a list. `width` in characters; `kind` decides how a cell is written."""

    key: str
    heading: str
    width: int = 16
    kind: Literal["text", "number", "date", "datetime", "percent"] = "text"


Row = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class TemplateColumn:
    """A column of an import template: what to write there and an example."""

    heading: str
    example: str
    help: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    width: int = 22
