"""`merilo migrate`: tables by the owner, rights for the application's role."""

from __future__ import annotations

import argparse

from . import environment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say less with --quiet."""
    parser.add_argument("--quiet", action="store_true", help="ничего не печатать")


def run(options: argparse.Namespace) -> int:
    """Bring the tables up to date, then grant: the journal stays insert-only for the site."""
    from django.core.management import call_command
    from django.db import connection

    from merilo.foundation import postgres

    verbosity = 0 if options.quiet else 1
    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=0)
    if (role := environment.app_role_beside_owner()) is not None:
        postgres.grant_app_role(connection, role)
    return 0
