"""Parts of actions that touch the registry; each requires an open transaction."""

from __future__ import annotations

from django.db import transaction

from .models import Counter, Organisation, Person


def in_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a step runs inside an action's transaction")


def next_number(scope: str) -> int:
    """The next serial number of a scope: no gaps on rollback, no doubles under concurrency."""
    in_transaction()
    Counter.objects.bulk_create([Counter(scope=scope)], ignore_conflicts=True)
    counter = Counter.objects.select_for_update().get(scope=scope)
    counter.value += 1
    counter.save(update_fields=["value"])
    return counter.value


def add_organisation(parent: Organisation | None, **fields) -> Organisation:
    """A new organisation with its place in the tree."""
    in_transaction()
    organisation = Organisation(parent=parent, path=f"new-{next_number('organisation')}", **fields)
    organisation.save()
    organisation.path = f"{parent.path if parent else '/'}{organisation.pk}/"
    organisation.save(update_fields=["path"])
    return organisation


def add_person(*, name_key: str, search_key: str, **fields) -> Person:
    in_transaction()
    return Person.objects.create(name_key=name_key, search_key=search_key, **fields)
