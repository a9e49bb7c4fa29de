"""Visits: planned, assigned, held; what is found is kept row by row. No track is ever touched."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.catalog import Catalog, catalog_of
from assessments.models import (
    Assessment,
    Assignment,
    CheckMethod,
    DocumentCheck,
    ImplementationCheck,
    Rank,
    Scenario,
    ScenarioAnswer,
    TeamMember,
    Track,
)
from assessments.services.answers import AnswersRefused, Refusal, clean_field, clean_text
from assessments.services.freeze import refuse_closed
from assessments.services.scenarios import ScenarioRefused, create_scenario, set_row
from assessments.services.teams import mark_assisted
from assistance.models import (
    Attendance,
    Check,
    Consultation,
    ServiceNote,
    Visit,
    VisitMember,
    VisitMode,
    VisitPhase,
    VisitState,
)
from assistance.permissions import can_hold, can_plan_visits
from assistance.services.effects import measure
from units.access import Permission, access_of, belongs_to
from units.models import Service, User
from units.services.tree import differences
from zona import audit

TEXT_MAX = 4_000
PLAN_FIELDS = ("phase", "mode", "starts_on", "ends_on", "place", "purpose", "agenda", "assignment")
CHECK_FIELDS = ("document_check", "implementation_check", "check_method", "condition", "advice")
CHOICES = {
    "document_check": DocumentCheck,
    "implementation_check": ImplementationCheck,
    "check_method": CheckMethod,
}


class VisitRefused(Exception):
    """A visit can't be planned or moved like this; the text is the user's sentence."""


class VisitChanged(Exception):
    """Somebody else changed the plan since the form was opened."""


class CheckConflict(Exception):
    """The same field was changed by somebody else; ``conflicts`` tells each."""

    def __init__(self, conflicts: list[dict[str, Any]]):
        super().__init__("check changed meanwhile")
        self.conflicts = conflicts


@dataclass(frozen=True, slots=True)
class Plan:
    """When, how and why a visit takes place; assignment is its letter, None while there is none."""

    starts_on: date
    ends_on: date
    phase: str = VisitPhase.BEFORE
    mode: str = VisitMode.ON_SITE
    place: str = ""
    purpose: str = ""
    agenda: str = ""
    assignment: Assignment | None = None


def _lock(visit: Visit) -> Visit:
    """Return the visit, locked, with what its services need; one statement."""
    locked = Visit.objects.select_for_update(of=("self",)).for_page().get(pk=visit.pk)
    refuse_closed(locked.assessment.period)
    return locked


def _clean(text: str) -> str:
    try:
        return clean_text(text.strip(), TEXT_MAX)
    except ValueError as error:
        raise VisitRefused(str(error)) from error


def _checked(plan: Plan) -> dict[str, Any]:
    """Return a plan's clean values; raises VisitRefused."""
    if plan.ends_on < plan.starts_on:
        raise VisitRefused(_("Hari selesai mendahului hari mulai."))
    if plan.phase not in VisitPhase.values or plan.mode not in VisitMode.values:
        raise VisitRefused(_("Pilihan tidak dikenal."))
    letter = plan.assignment
    if letter and not letter.starts_on <= plan.starts_on <= plan.ends_on <= letter.ends_on:
        raise VisitRefused(
            _("Kunjungan harus di dalam masa surat tugas, {first} sampai {last}.").format(
                first=f"{letter.starts_on:%d-%m-%Y}", last=f"{letter.ends_on:%d-%m-%Y}"
            )
        )
    values = {name: getattr(plan, name) for name in PLAN_FIELDS}
    for name in ("place", "purpose", "agenda"):
        values[name] = _clean(values[name])
    return values


@transaction.atomic
def plan_visit(*, assessment: Assessment, plan: Plan, by: User) -> Visit:
    """Plan a visit to the unit of a worksheet.

    Raises VisitRefused: not his to plan, days outside the letter's, end before start.
    """
    if not can_plan_visits(by, assessment.unit):
        raise VisitRefused(_("Anda tidak dapat merencanakan kunjungan."))
    refuse_closed(assessment.period)
    values = _checked(plan)
    visit = Visit.objects.create(
        unit=assessment.unit, assessment=assessment, created_by=by, **values
    )
    data = {"starts_on": plan.starts_on.isoformat(), "ends_on": plan.ends_on.isoformat()}
    audit.record(visit, [audit.Fact("visit_planned", f"visit:{visit.pk}", data)], by=by)
    return visit


@transaction.atomic
def change_visit(*, visit: Visit, plan: Plan, version: int, by: User) -> Visit:
    """Change a plan until the visit is held. Raises VisitRefused or VisitChanged."""
    visit = _lock(visit)
    if not can_plan_visits(by, visit.unit) and not can_hold(by, visit):
        raise VisitRefused(_("Anda tidak dapat mengubah kunjungan ini."))
    if visit.state not in (VisitState.PLANNED, VisitState.RUNNING):
        raise VisitRefused(_("Kunjungan ini sudah selesai atau dibatalkan."))
    if visit.version != version:
        raise VisitChanged
    values = _checked(plan)
    changed = differences(visit, values)
    if not changed:
        return visit
    for name, value in values.items():
        setattr(visit, name, value)
    visit.version += 1
    visit.save(update_fields=[*PLAN_FIELDS, "version"])
    audit.record(visit, [audit.Fact("visit_changed", f"visit:{visit.pk}", changed)], by=by)
    return visit


@transaction.atomic
def set_team(*, visit: Visit, people: Mapping[User, str], by: User) -> Visit:
    """Set who goes, with ranks; exactly one lead. Raises VisitRefused.

    Nobody assists a unit to which he belongs. Whoever also assesses the unit, or is elsewhere on
    these days, is shown on the page and not refused.
    """
    visit = _lock(visit)
    if not can_plan_visits(by, visit.unit):
        raise VisitRefused(_("Anda tidak dapat menetapkan tim kunjungan."))
    if visit.state == VisitState.CANCELLED:
        raise VisitRefused(_("Kunjungan ini sudah selesai atau dibatalkan."))
    if visit.state == VisitState.HELD:
        _refuse_other_guests(visit, people)
    if list(people.values()).count(Rank.LEAD) != 1:
        raise VisitRefused(_("Tim memerlukan tepat satu ketua tim."))
    for user, rank in people.items():
        if rank not in Rank.values:
            raise VisitRefused(_("Jenjang tidak dikenal."))
        if belongs_to(user, visit.unit):
            raise VisitRefused(
                _("{person} berasal dari unit ini; tidak seorang pun mendampingi unitnya.").format(
                    person=user
                )
            )
        if not user.is_active or not access_of(user).has(Permission.TPI_ASSESS, visit.unit):
            raise VisitRefused(_("{person} bukan auditor Itjen.").format(person=user))
    visit.team.all().delete()
    VisitMember.objects.bulk_create(
        VisitMember(visit=visit, user=user, rank=rank) for user, rank in people.items()
    )
    data = {"team": {str(user): str(rank) for user, rank in people.items()}}
    audit.record(visit, [audit.Fact("visit_team", f"visit:{visit.pk}", data)], by=by)
    return visit


def _refuse_other_guests(visit: Visit, people: Mapping[User, str]) -> None:
    """Refuse a team in which somebody who went is missing or has another rank."""
    new = {user.pk: rank for user, rank in people.items()}
    for user, rank in visit.team.values_list("user_id", "rank"):
        if new.get(user) != rank:
            raise VisitRefused(
                _("Kunjungan sudah selesai: penelaah dapat ditambah, yang hadir tidak diubah.")
            )


@transaction.atomic
def start_visit(*, visit: Visit, by: User) -> Visit:
    """Begin: letter and team are there, the scenario and blank rows are made.

    Raises VisitRefused; nothing happens to a visit that has begun.
    """
    visit = _lock(visit)
    if not can_hold(by, visit):
        raise VisitRefused(_("Hanya tim kunjungan yang dapat memulainya."))
    if visit.state == VisitState.RUNNING:
        return visit
    if visit.state != VisitState.PLANNED:
        raise VisitRefused(_("Kunjungan ini sudah selesai atau dibatalkan."))
    if visit.assignment_id is None:
        raise VisitRefused(_("Catat surat tugas lebih dahulu."))
    if timezone.localdate() < visit.assignment.starts_on:
        raise VisitRefused(_("Masa surat tugas belum mulai."))
    try:
        visit.scenario = create_scenario(
            assessment=visit.assessment,
            track=Track.UNIT,
            name=_("Kunjungan {day} ({n})").format(day=f"{visit.starts_on:%d-%m-%Y}", n=visit.pk),
            by=by,
            is_shared=True,
            purpose=Scenario.Purpose.VISIT,
        )
    except ScenarioRefused as refusal:
        raise VisitRefused(str(refusal)) from refusal
    visit.state, visit.started_at = VisitState.RUNNING, timezone.now()
    visit.save(update_fields=["scenario", "state", "started_at"])
    ids = catalog_of(visit.assessment.instrument).ids.values()
    Check.objects.bulk_create(Check(visit=visit, indicator_id=pk) for pk in ids)
    flagged = mark_assisted(visit.assessment, visit.team.values_list("user_id", flat=True))
    data = {"assessors_flagged": flagged} if flagged else {}
    audit.record(visit, [audit.Fact("visit_started", f"visit:{visit.pk}", data)], by=by)
    return visit


@transaction.atomic
def end_visit(*, visit: Visit, by: User) -> Visit:
    """End a running visit; its checks and its scenario's rows are closed then."""
    visit = _lock(visit)
    if not can_hold(by, visit):
        raise VisitRefused(_("Hanya tim kunjungan yang dapat menutupnya."))
    if visit.state != VisitState.RUNNING:
        raise VisitRefused(_("Kunjungan ini tidak sedang berjalan."))
    if not visit.attendance.exists():
        raise VisitRefused(_("Isi daftar hadir lebih dahulu."))
    visit.state, visit.held_at = VisitState.HELD, timezone.now()
    visit.save(update_fields=["state", "held_at"])
    measure(visit, 0)
    audit.record(visit, [audit.Fact("visit_held", f"visit:{visit.pk}")], by=by)
    return visit


@transaction.atomic
def cancel_visit(*, visit: Visit, reason: str, by: User) -> Visit:
    """Cancel a planned visit, with a reason."""
    visit = _lock(visit)
    if not can_plan_visits(by, visit.unit):
        raise VisitRefused(_("Anda tidak dapat membatalkan kunjungan ini."))
    if visit.state != VisitState.PLANNED:
        raise VisitRefused(_("Hanya kunjungan yang belum dimulai yang dapat dibatalkan."))
    reason = _clean(reason)
    if not reason:
        raise VisitRefused(_("Tulis alasan pembatalan."))
    visit.state, visit.cancel_reason = VisitState.CANCELLED, reason
    visit.save(update_fields=["state", "cancel_reason"])
    fact = audit.Fact("visit_cancelled", f"visit:{visit.pk}", {"reason": reason})
    audit.record(visit, [fact], by=by)
    return visit


def _running(visit: Visit, by: User) -> Visit:
    """Return the visit, locked, while the person may write in it; raises VisitRefused."""
    return _open(_lock(visit), by)


def _open(visit: Visit, by: User) -> Visit:
    refuse_closed(visit.assessment.period)
    if not can_hold(by, visit):
        raise VisitRefused(_("Hanya tim kunjungan yang dapat mengisinya."))
    if visit.state != VisitState.RUNNING:
        raise VisitRefused(_("Kunjungan ini tidak sedang berjalan."))
    return visit


@transaction.atomic
def add_attendance(
    *, visit: Visit, side: str, name: str, position: str, on: date, by: User
) -> Attendance:
    """Write down who was there, on a day of the visit. Raises VisitRefused."""
    visit = _running(visit, by)
    name = " ".join(_clean(name).split())[:150]
    if not name:
        raise VisitRefused(_("Tulis nama yang hadir."))
    if side not in Attendance.Side.values:
        raise VisitRefused(_("Pihak tidak dikenal."))
    if not visit.starts_on <= on <= visit.ends_on:
        raise VisitRefused(_("Tanggal hadir harus di dalam hari kunjungan."))
    if visit.attendance.filter(name=name, on=on).exists():
        raise VisitRefused(_("{name} sudah tercatat pada hari itu.").format(name=name))
    row = Attendance.objects.create(
        visit=visit, side=side, name=name, position=_clean(position)[:150], on=on
    )
    audit.record(
        visit, [audit.Fact("attendance_added", f"visit:{visit.pk}", {"name": name})], by=by
    )
    return row


@transaction.atomic
def save_consultation(
    *, visit: Visit, values: Mapping[str, Any], version: int, by: User
) -> Consultation:
    """Write what was advised on the survey. Raises VisitRefused or VisitChanged."""
    visit = _running(visit, by)
    row = Consultation.objects.filter(visit=visit).first()
    if row is None:
        row = Consultation(visit=visit, version=0)
    if row.version != version:
        raise VisitChanged
    for name in ("population", "questionnaire", "period", "status"):
        setattr(row, name, values[name])
    row.advice = _clean(values["advice"])
    row.version, row.changed_at, row.changed_by = version + 1, timezone.now(), by
    row.save()
    data = {name: str(values[name]) for name in ("population", "status")}
    audit.record(visit, [audit.Fact("consultation_saved", f"visit:{visit.pk}", data)], by=by)
    return row


@transaction.atomic
def add_service_note(*, visit: Visit, service: Service, note: str, by: User) -> ServiceNote:
    """Note something on one service of the unit. Raises VisitRefused."""
    visit = _running(visit, by)
    note = _clean(note)
    if service.unit_id != visit.unit_id:
        raise VisitRefused(_("Layanan ini milik unit lain."))
    if not note:
        raise VisitRefused(_("Tulis catatannya."))
    row = ServiceNote.objects.create(visit=visit, service=service, note=note, by=by)
    data = {"service": service.name, "note": note}
    audit.record(visit, [audit.Fact("service_noted", f"visit:{visit.pk}", data)], by=by)
    return row


# Checks -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckSaved:
    """A row after a save: the check, all fields with the simulated value, and whether fields of
    others were kept beside."""

    visit: Visit
    check: Check
    fields: dict[str, Any]
    merged: bool


@transaction.atomic
def save_check(
    *,
    visit_pk: int,
    code: str,
    changes: Mapping[str, Any],
    base: Mapping[str, Any],
    base_version: int,
    key: uuid.UUID,
    by: User,
) -> CheckSaved:
    """Write fields of one row: its checks, words, and the simulated value (choice or inputs).

    base, base_version: what the writer saw. The same key again changes nothing. A field that
    somebody else changed meanwhile is a conflict, other fields are merged. Eight statements with
    a simulated value, five without.

    Raises Visit.DoesNotExist (not his to see), VisitRefused (not now, not his), AnswersRefused
    (a value that can't be), CheckConflict.
    """
    rows = Visit.objects.visible_to(by).for_page().with_place_of(by)
    visit = _open(rows.select_for_update(of=("self",)).get(pk=visit_pk), by)
    catalog = catalog_of(visit.assessment.instrument)
    if code not in catalog.ids:
        raise AnswersRefused([Refusal(code, "", _("Butir {x} tidak dikenal.").format(x=code))])
    simulated = ScenarioAnswer.objects.filter(
        scenario=visit.scenario_id, indicator=OuterRef("indicator")
    )
    check = (
        Check.objects.select_related("changed_by")
        .annotate(
            choice=Subquery(simulated.values("choice")), inputs=Subquery(simulated.values("inputs"))
        )
        .get(visit=visit, indicator=catalog.ids[code])
    )
    stored = stored_fields(check, check.choice or "", check.inputs)
    if check.last_key == key:
        return CheckSaved(visit, check, stored, merged=False)
    wanted = {name: _clean_field(code, name, changes[name], catalog) for name in changes}
    merged = check.version != base_version
    conflicts = [
        _conflict(code, name, wanted[name], stored[name], check)
        for name in wanted
        if merged and stored[name] != wanted[name] and not _same(stored[name], base.get(name))
    ]
    if conflicts:
        raise CheckConflict(conflicts)
    for name in CHECK_FIELDS:
        setattr(check, name, wanted.get(name, stored[name]))
    check.version, check.last_key = check.version + 1, key
    check.changed_at, check.changed_by = timezone.now(), by
    check.save(update_fields=[*CHECK_FIELDS, "version", "last_key", "changed_at", "changed_by"])
    value = {name: wanted[name] for name in ("choice", "inputs") if name in wanted}
    if value:
        # The scenario's own service says whether the row may be answered like this; it gets the
        # worksheet and the unit that are loaded already.
        visit.scenario.assessment, visit.assessment.unit = visit.assessment, visit.unit
        set_row(scenario=visit.scenario, code=code, fields=value, by=by)
    data = {name: [stored[name], wanted[name]] for name in wanted if stored[name] != wanted[name]}
    audit.record(visit, [audit.Fact("check", f"{visit.pk}/{code}", data)], by=by)
    return CheckSaved(visit, check, stored | wanted, merged)


def stored_fields(check: Check, choice: str, inputs: dict[str, Any] | None) -> dict[str, Any]:
    """Return a row's fields as the browser holds them."""
    fields: dict[str, Any] = {name: getattr(check, name) for name in CHECK_FIELDS}
    return fields | {"choice": choice, "inputs": inputs}


def _clean_field(code: str, name: str, given: Any, catalog: Catalog) -> Any:
    """Return a field's clean value; raises AnswersRefused."""
    try:
        if name in CHOICES:
            if given not in CHOICES[name].values:
                raise ValueError(_("Pilihan tidak dikenal."))
            return given
        if name in ("condition", "advice"):
            return clean_text(given, TEXT_MAX)
        if name in ("choice", "inputs"):
            return clean_field(name, given, code, catalog)
    except ValueError as error:
        raise AnswersRefused([Refusal(code, name, str(error))]) from error
    raise AnswersRefused([Refusal(code, name, _("Isian tidak dikenal."))])


def _same(stored: Any, seen: Any) -> bool:
    """Tell whether a stored value is what the writer saw; counts may be text in the browser."""
    if isinstance(stored, dict) and isinstance(seen, dict):
        return {name: str(n) for name, n in stored.items()} == {
            name: str(n) for name, n in seen.items()
        }
    return (stored or "") == (seen or "")


def _conflict(code: str, name: str, mine: Any, theirs: Any, check: Check) -> dict[str, Any]:
    return {
        "code": code,
        "field": name,
        "mine": mine,
        "theirs": theirs,
        "by": str(check.changed_by) if check.changed_by else "",
        "at": check.changed_at.isoformat() if check.changed_at else None,
        "version": check.version,
    }


def clashes(visit: Visit, members: Sequence[VisitMember]) -> dict[int, list[str]]:
    """Return, per person of the team, what speaks against his going, in sentences; two queries.

    The same days elsewhere, and the rule that who assists a unit should not also assess it.
    """
    ids = [member.user_id for member in members]
    found: dict[int, list[str]] = {pk: [] for pk in ids}
    others = (
        VisitMember.objects.filter(
            user__in=ids, visit__starts_on__lte=visit.ends_on, visit__ends_on__gte=visit.starts_on
        )
        .exclude(visit=visit.pk)
        .exclude(visit__state=VisitState.CANCELLED)
        .select_related("visit__unit")
    )
    for other in others:
        found[other.user_id].append(
            _("Pada hari yang sama mengunjungi {unit}.").format(unit=other.visit.unit.label)
        )
    assessing = TeamMember.objects.filter(assessment=visit.assessment_id, user__in=ids)
    for pk in assessing.values_list("user_id", flat=True):
        found[pk].append(_("Juga menilai unit ini dalam periode yang sama; sebaiknya dipisahkan."))
    return found
