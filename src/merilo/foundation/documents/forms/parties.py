"""Who writes and who signs."""

from dataclasses import dataclass


class Contradiction(ValueError):
    """The values of one document do not agree with each other; nothing is printed."""


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation as a letterhead or an address block; empty parts are left out."""

    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    above: str = ""  # the body printed over the name: «Администрация города Находки»


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """Who signs. An empty name leaves a line to be filled in by hand."""

    position: str
    name: str = ""
