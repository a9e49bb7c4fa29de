"""Who may look after surveys, see single answers, and write questionnaires."""

from __future__ import annotations

from surveys.models import Survey
from units.access import Permission, has_permission
from units.models import Unit, User


def can_manage(user: User, unit: Unit) -> bool:
    """The unit's ZI lead and operators plan, open, close and lock its surveys."""
    return has_permission(user, Permission.SURVEY_MANAGE, unit)


def can_see_answers(user: User, unit: Unit) -> bool:
    """Quality flags and comments: the unit's own people and Itjen; never observers."""
    return has_permission(user, Permission.SURVEY_ANSWERS_VIEW, unit)


def can_export(user: User, unit: Unit) -> bool:
    """Reports and tables: whoever may export anything of the unit, and those who manage it."""
    return has_permission(user, Permission.REPORT_EXPORT, unit) or can_manage(user, unit)


def can_record_external(user: User, unit: Unit) -> bool:
    """The secretariat writes down what BPS or a named party found."""
    return has_permission(user, Permission.NATIONAL_RECORD, unit)


def can_edit_questionnaires(user: User) -> bool:
    """The secretariat writes new editions for the whole ministry."""
    return has_permission(user, Permission.QUESTIONNAIRE_MANAGE)


def manages_any(user: User) -> bool:
    """Tell whether the person manages the surveys of some unit."""
    return has_permission(user, Permission.SURVEY_MANAGE)


def can_edit(user: User, survey: Survey) -> bool:
    """Change a plan, or the few things that may change while answers come in."""
    return survey.is_collecting and can_manage(user, survey.unit)
