"""What the database itself refuses: the net under the actions, which also catches raw updates.

A guard repeats what a rule already says, in the table the rule is about; the rule stays the place
where a person reads it. A change of the rule shows up as a missing migration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

import pgtrigger


def follows(
    transitions: Mapping[str, Iterable[str]], *, name: str, field: str = "state"
) -> pgtrigger.FSM:
    """The field goes only where the rules let it go; staying is always allowed."""
    steps = sorted((str(old), str(new)) for old, many in transitions.items() for new in many)
    return pgtrigger.FSM(name=name, field=field, transitions=steps)


def written_once(*, name: str, where: Mapping[str, object] | None = None) -> pgtrigger.Protect:
    """A row is added and never changed or taken away; with `where`, a row that holds these values."""
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=pgtrigger.Q(**{f"old__{field}": value for field, value in where.items()})
        if where
        else None,
    )


def settled(*fields: str, while_not: str, name: str) -> pgtrigger.Protect:
    """These fields change only while the row is in the state `while_not`."""
    changed = [pgtrigger.Q(**{f"old__{one}__df": pgtrigger.F(f"new__{one}")}) for one in fields]
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=~pgtrigger.Q(old__state=while_not) & reduce(or_, changed),
    )
