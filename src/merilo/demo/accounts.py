"""The accounts the demonstration starts with, as the command prints them."""

from merilo.web.training.people import PASSWORD, PEOPLE

ACCOUNTS: list[tuple[str, str, str, str]] = [
    (login, PASSWORD, who, attempt) for login, who, attempt in PEOPLE
]
