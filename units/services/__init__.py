"""Changes of units, people and memberships; each audited on the unit's or the system's stream."""

from units.services.memberships import (
    GrantRefused,
    MembershipExists,
    end_membership,
    grant_membership,
)
from units.services.people import (
    PersonIsOneself,
    create_person,
    deactivate_person,
    end_sessions,
    password_link_path,
    reactivate_person,
    reset_password,
    update_person,
)
from units.services.tree import (
    ParentInactive,
    PledgeRefused,
    UnitChanged,
    UnitCycle,
    UnitHasActiveBelow,
    add_service,
    create_unit,
    deactivate_unit,
    reactivate_unit,
    record_pledge,
    update_service,
    update_unit,
)

__all__ = [
    "GrantRefused",
    "MembershipExists",
    "ParentInactive",
    "PersonIsOneself",
    "PledgeRefused",
    "UnitChanged",
    "UnitCycle",
    "UnitHasActiveBelow",
    "add_service",
    "create_person",
    "create_unit",
    "deactivate_person",
    "deactivate_unit",
    "end_membership",
    "end_sessions",
    "grant_membership",
    "password_link_path",
    "reactivate_person",
    "reactivate_unit",
    "record_pledge",
    "reset_password",
    "update_person",
    "update_service",
    "update_unit",
]
