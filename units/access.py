"""Who may do what: roles, the permissions they carry, and the units they reach.

The one module that decides. Each app's ``permissions.py`` asks here; querysets narrow by
``visible_to``. Everything that is not granted is denied. Roles come from memberships in force
today; they are read once per user object, so a page pays one query for them.

Source: design of access; process of the inspectorate (roles of unit, Eselon I and Itjen).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from units.models import Unit, User


class Role(models.TextChoices):
    """What a person is on a unit; the words are those of the teams themselves."""

    UNIT_OPERATOR = "unit_operator", _("Operator")
    AREA_COORDINATOR = "area_coordinator", _("Koordinator area")
    ZI_LEAD = "zi_lead", _("Ketua Tim ZI")
    UNIT_HEAD = "unit_head", _("Kepala unit")
    ESELON1_COORDINATOR = "eselon1_coordinator", _("Koordinator Eselon I")
    AUDITOR = "auditor", _("Auditor Itjen")
    QUALITY_CONTROLLER = "quality_controller", _("Pengendali mutu")
    INSPECTOR_GENERAL = "inspector_general", _("Inspektur Jenderal")
    SECRETARIAT = "secretariat", _("Sekretariat TPI")
    SYSTEM_ADMIN = "system_admin", _("Admin sistem")
    OBSERVER = "observer", _("Pembaca")


class Permission(StrEnum):
    """One kind of act; where the act concerns a unit, the role must reach that unit."""

    UNIT_VIEW = "unit.view"
    UNIT_MANAGE = "unit.manage"
    PEOPLE_VIEW = "people.view"
    PEOPLE_MANAGE = "people.manage"
    UNIT_PEOPLE_MANAGE = "people.manage_unit"
    PERIOD_MANAGE = "period.manage"
    PERIOD_REOPEN = "period.reopen"
    TEAM_MANAGE = "team.manage"
    ASSESSMENT_OPEN = "assessment.open"
    ASSESSMENT_VIEW = "assessment.view"
    PORTFOLIO_VIEW = "portfolio.view"
    UNIT_TRACK_WRITE = "track.unit.write"
    UNIT_AREA_FINISH = "area.finish"
    ASSESSMENT_SUBMIT = "assessment.submit"
    ASSESSMENT_FORWARD = "assessment.forward"
    TPI_TRACK_VIEW = "track.tpi.view"
    TPI_ASSESS = "track.tpi.assess"
    QUALITY_CONTROL = "assessment.quality"
    NATIONAL_RECORD = "track.tpn.write"
    EVIDENCE_MANAGE = "evidence.manage"
    EVIDENCE_SHARE = "evidence.share"
    JOURNEY_BUILD = "journey.build"
    JOURNEY_DESIGNATE = "journey.designate"
    JOURNEY_JUDGE = "journey.judge"
    JOURNEY_EXEMPT = "journey.exempt"
    JOURNEY_PROPOSE = "journey.propose"
    REPORT_EXPORT = "report.export"
    SURVEY_VIEW = "survey.view"
    SURVEY_MANAGE = "survey.manage"
    SURVEY_ANSWERS_VIEW = "survey.answers"
    QUESTIONNAIRE_MANAGE = "questionnaire.manage"
    AUDIT_VIEW = "audit.view"
    SETTINGS_MANAGE = "settings.manage"


UNIT_ROLES = frozenset({Role.UNIT_OPERATOR, Role.AREA_COORDINATOR, Role.ZI_LEAD, Role.UNIT_HEAD})
ITJEN_ROLES = frozenset(
    {Role.AUDITOR, Role.QUALITY_CONTROLLER, Role.INSPECTOR_GENERAL, Role.SECRETARIAT}
)
MINISTRY_WIDE_ROLES = ITJEN_ROLES | {Role.SYSTEM_ADMIN}
SUBTREE_ROLES = frozenset({Role.ESELON1_COORDINATOR, Role.OBSERVER})
AREA_ROLES = frozenset({Role.UNIT_OPERATOR, Role.AREA_COORDINATOR})

_UNIT_BASE = frozenset({Permission.UNIT_VIEW, Permission.ASSESSMENT_VIEW, Permission.SURVEY_VIEW})
_ITJEN_BASE = _UNIT_BASE | {
    Permission.SURVEY_ANSWERS_VIEW,
    Permission.PORTFOLIO_VIEW,
    Permission.TPI_TRACK_VIEW,
    Permission.PEOPLE_VIEW,
    Permission.AUDIT_VIEW,
    Permission.REPORT_EXPORT,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.UNIT_OPERATOR: _UNIT_BASE
    | {
        Permission.UNIT_TRACK_WRITE,
        Permission.EVIDENCE_MANAGE,
        Permission.SURVEY_MANAGE,
        Permission.SURVEY_ANSWERS_VIEW,
    },
    Role.AREA_COORDINATOR: _UNIT_BASE
    | {Permission.UNIT_TRACK_WRITE, Permission.EVIDENCE_MANAGE, Permission.UNIT_AREA_FINISH},
    Role.ZI_LEAD: _UNIT_BASE
    | {
        Permission.UNIT_TRACK_WRITE,
        Permission.EVIDENCE_MANAGE,
        Permission.UNIT_AREA_FINISH,
        Permission.ASSESSMENT_SUBMIT,
        Permission.UNIT_PEOPLE_MANAGE,
        Permission.JOURNEY_BUILD,
        Permission.PEOPLE_VIEW,
        Permission.REPORT_EXPORT,
        Permission.SURVEY_MANAGE,
        Permission.SURVEY_ANSWERS_VIEW,
    },
    Role.UNIT_HEAD: _UNIT_BASE
    | {
        Permission.EVIDENCE_SHARE,
        Permission.SURVEY_ANSWERS_VIEW,
        Permission.UNIT_AREA_FINISH,
        Permission.ASSESSMENT_SUBMIT,
        Permission.UNIT_PEOPLE_MANAGE,
        Permission.JOURNEY_BUILD,
        Permission.PEOPLE_VIEW,
        Permission.REPORT_EXPORT,
    },
    Role.ESELON1_COORDINATOR: _UNIT_BASE
    | {
        Permission.PORTFOLIO_VIEW,
        Permission.ASSESSMENT_FORWARD,
        Permission.JOURNEY_DESIGNATE,
        Permission.REPORT_EXPORT,
    },
    Role.AUDITOR: _ITJEN_BASE | {Permission.TPI_ASSESS},
    Role.QUALITY_CONTROLLER: _ITJEN_BASE
    | {Permission.TPI_ASSESS, Permission.QUALITY_CONTROL, Permission.JOURNEY_JUDGE},
    Role.INSPECTOR_GENERAL: _ITJEN_BASE | {Permission.JOURNEY_EXEMPT, Permission.PERIOD_REOPEN},
    Role.SECRETARIAT: _ITJEN_BASE
    | {
        Permission.UNIT_MANAGE,
        Permission.PEOPLE_MANAGE,
        Permission.PERIOD_MANAGE,
        Permission.TEAM_MANAGE,
        Permission.ASSESSMENT_OPEN,
        Permission.NATIONAL_RECORD,
        Permission.EVIDENCE_SHARE,
        Permission.JOURNEY_BUILD,
        Permission.JOURNEY_JUDGE,
        Permission.JOURNEY_PROPOSE,
        Permission.QUESTIONNAIRE_MANAGE,
    },
    Role.SYSTEM_ADMIN: frozenset(
        {
            Permission.UNIT_VIEW,
            Permission.UNIT_MANAGE,
            Permission.PEOPLE_VIEW,
            Permission.PEOPLE_MANAGE,
            Permission.ASSESSMENT_VIEW,
            Permission.PORTFOLIO_VIEW,
            Permission.TPI_TRACK_VIEW,
            Permission.SURVEY_VIEW,
            Permission.REPORT_EXPORT,
            Permission.AUDIT_VIEW,
            Permission.SETTINGS_MANAGE,
        }
    ),
    Role.OBSERVER: _UNIT_BASE | {Permission.PORTFOLIO_VIEW},
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One membership in force: the role, where it holds, and the area it is narrowed to."""

    role: Role
    unit_id: int
    path: str
    area: str

    def reaches(self, unit: Unit) -> bool:
        """Tell whether the grant holds on a unit: itself, all below, or the whole ministry."""
        if self.role in MINISTRY_WIDE_ROLES:
            return True
        if self.role in SUBTREE_ROLES:
            return unit.path.startswith(self.path)
        return unit.pk == self.unit_id


@dataclass(frozen=True, slots=True)
class Access:
    """All grants of one person today."""

    grants: tuple[Grant, ...] = ()
    roles: frozenset[Role] = field(default=frozenset())

    def has(self, permission: Permission, unit: Unit | None = None) -> bool:
        """Tell whether some role carries the permission and, if a unit is given, reaches it."""
        return any(
            permission in ROLE_PERMISSIONS[grant.role] and (unit is None or grant.reaches(unit))
            for grant in self.grants
        )

    def areas(self, permission: Permission, unit: Unit) -> frozenset[str] | None:
        """Return the areas in which the permission holds on a unit; None means every area."""
        found: set[str] = set()
        for grant in self.grants:
            if permission in ROLE_PERMISSIONS[grant.role] and grant.reaches(unit):
                if not grant.area or grant.role not in AREA_ROLES:
                    return None
                found.add(grant.area)
        return frozenset(found)

    def units_q(self, permission: Permission, prefix: str = "") -> Q | None:
        """Return the condition that selects the units the permission reaches.

        prefix: the way to the unit, such as ``assessment__unit__``. None means "all of them";
        a condition that nothing meets is returned where nothing is reached.
        """
        condition = Q(pk__in=[])
        unit_ids = set()
        for grant in self.grants:
            if permission not in ROLE_PERMISSIONS[grant.role]:
                continue
            if grant.role in MINISTRY_WIDE_ROLES:
                return None
            if grant.role in SUBTREE_ROLES:
                condition |= Q(**{f"{prefix}path__startswith": grant.path})
            else:
                unit_ids.add(grant.unit_id)
        if unit_ids:
            condition |= Q(**{f"{prefix}pk__in": sorted(unit_ids)})
        return condition

    @property
    def is_itjen(self) -> bool:
        """Tell whether the person works for the inspectorate."""
        return bool(self.roles & ITJEN_ROLES)

    @property
    def unit_grants(self) -> tuple[Grant, ...]:
        """Return the grants that make the person a member of a unit that is assessed."""
        return tuple(grant for grant in self.grants if grant.role in UNIT_ROLES)


NOBODY = Access()


def access_of(user: User) -> Access:
    """Return what a person may do today; one query per user object, none for a stranger."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    cached = user.__dict__.get("_access")
    if cached is None:
        rows = user.memberships.in_force().values_list("role", "unit_id", "unit__path", "area")
        grants = tuple(Grant(Role(role), unit, path, area) for role, unit, path, area in rows)
        cached = Access(grants, frozenset(grant.role for grant in grants))
        user.__dict__["_access"] = cached
    return cached


def load_access(users: Iterable[User]) -> None:
    """Remember the grants of many people at once, so that no question asks again; one query."""
    people = [user for user in users if user.is_active and "_access" not in user.__dict__]
    if not people:
        return
    memberships = people[0].memberships.model.objects.in_force()
    rows = memberships.filter(user__in=people).values_list(
        "user_id", "role", "unit_id", "unit__path", "area"
    )
    found: dict[int, list[Grant]] = {user.pk: [] for user in people}
    for user_id, role, unit_id, path, area in rows:
        found[user_id].append(Grant(Role(role), unit_id, path, area))
    for user in people:
        grants = tuple(found[user.pk])
        user.__dict__["_access"] = Access(grants, frozenset(grant.role for grant in grants))


def forget_access(user: User) -> None:
    """Drop the remembered grants of a user object, after its memberships changed."""
    user.__dict__.pop("_access", None)


def has_permission(user: User, permission: Permission, unit: Unit | None = None) -> bool:
    """Tell whether the person holds a permission, on the unit if one is given."""
    return access_of(user).has(permission, unit)


def belongs_to(user: User, unit: Unit) -> bool:
    """Tell whether the person is a member of the unit, or of a unit above it that it answers to.

    Used by the independence rule: nobody assesses a unit to which he belongs.
    """
    return any(
        grant.unit_id == unit.pk
        or (grant.role == Role.ESELON1_COORDINATOR and unit.path.startswith(grant.path))
        for grant in access_of(user).grants
    )
