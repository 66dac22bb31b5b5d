"""Files of the register: what may be in them, and what each row would change. Nothing is written."""

from .kinds import KINDS, MOST_ROWS, Kind, read_file
from .organisations import OrganisationRow, plan_organisations
from .places import AreaRow, RoomRow, plan_areas, plan_places
from .rows import Outcome, RowPlan, World
from .staff import StaffRow, plan_staff

PLANNERS = {
    "organisations": plan_organisations,
    "places": plan_places,
    "areas": plan_areas,
    "staff": plan_staff,
    "oneroster-orgs": plan_organisations,
    "oneroster-users": plan_staff,
}

__all__ = [
    "KINDS",
    "MOST_ROWS",
    "PLANNERS",
    "AreaRow",
    "Kind",
    "OrganisationRow",
    "Outcome",
    "RoomRow",
    "RowPlan",
    "StaffRow",
    "World",
    "read_file",
]
