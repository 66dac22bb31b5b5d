"""Parts of actions: take a reserve kit and put it back. Each needs an open transaction."""

from __future__ import annotations

from merilo.registry.steps import in_transaction

from .models import ReserveKit


def lock_kits(testing_org_id: int, grade: int) -> int:
    """How many reserve kits are free; the count stays true to the end of the transaction."""
    in_transaction()
    kit = (
        ReserveKit.objects.select_for_update()
        .filter(testing_org_id=testing_org_id, grade=grade)
        .first()
    )
    return kit.free if kit else 0


def take_kit(testing_org_id: int, grade: int) -> None:
    """One kit less. The caller has locked the count and seen that there is one."""
    in_transaction()
    kit = ReserveKit.objects.select_for_update().get(testing_org_id=testing_org_id, grade=grade)
    kit.free -= 1
    kit.save(update_fields=["free"])


def return_kit(testing_org_id: int, grade: int) -> None:
    """The kit of a booking that ended before the test is free again."""
    in_transaction()
    ReserveKit.objects.get_or_create(testing_org_id=testing_org_id, grade=grade)
    kit = ReserveKit.objects.select_for_update().get(testing_org_id=testing_org_id, grade=grade)
    kit.free += 1
    kit.save(update_fields=["free"])
