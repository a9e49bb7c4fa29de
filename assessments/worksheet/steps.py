"""What the pages of steps show: findings by section, rows to return, the words of each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.catalog import catalog_of
from assessments.models import (
    Assessment,
    DocumentCheck,
    ImplementationCheck,
    State,
    Track,
)
from assessments.permissions import sees_all_tracks
from assessments.services import checks
from assessments.services.states import (
    NEXT_RANK,
    PREVIOUS_RANK,
    Transition,
    available_transitions,
)
from assessments.worksheet.filters import differs
from assessments.worksheet.fixed import fixed_of
from assessments.worksheet.page import section_url
from assessments.worksheet.rows import value_name
from assessments.worksheet.sheet import load
from units.access import Permission, has_permission
from units.models import User

HOLDERS = {
    State.LEAD_REVIEW: gettext_lazy("ketua tim"),
    State.SUPERVISOR_REVIEW: gettext_lazy("pengendali teknis"),
    State.QUALITY_REVIEW: gettext_lazy("pengendali mutu"),
    State.MEMBER_REVIEW: gettext_lazy("anggota tim"),
}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A broken rule and the way to its row; ``code`` is blank for the sheet as a whole."""

    code: str
    statement: str
    message: str
    is_error: bool
    url: str


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of a section."""

    title: str
    lines: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """What keeps a worksheet from being handed on."""

    title: str
    groups: tuple[FindingGroup, ...]
    errors: int
    warnings: int


def findings_page(assessment: Assessment, user: User) -> FindingsPage | None:
    """Return the findings that concern the person's side; None where he has none.

    The unit sees its own before submission; the inspectorate those of the TPI's side after it.
    """
    may_write = has_permission(user, Permission.UNIT_TRACK_WRITE, assessment.unit)
    may_submit = has_permission(user, Permission.ASSESSMENT_SUBMIT, assessment.unit)
    if assessment.state in (State.DRAFT, State.REPAIR):
        if not (may_write or may_submit or sees_all_tracks(user, assessment)):
            return None
        found = checks.submission_findings(assessment)
        if assessment.state == State.REPAIR:
            found = [item for item in found if item.rule != "area_unfinished"]
    elif assessment.is_in_review and sees_all_tracks(user, assessment):
        found = checks.hand_over_findings(assessment)
    else:
        return None
    return _page(assessment, found)


def _page(assessment: Assessment, found: list[checks.Finding]) -> FindingsPage:
    errors = len(checks.errors(found))
    warnings = len(found) - errors
    if errors:
        title = _("{n} hal harus dilengkapi").format(n=errors)
    elif warnings:
        title = _("Lengkap; {n} hal patut diperhatikan").format(n=warnings)
    else:
        title = _("Semua lengkap")
    return FindingsPage(title, finding_groups(assessment, found), errors, warnings)


def finding_groups(assessment: Assessment, found: list[checks.Finding]) -> tuple[FindingGroup, ...]:
    """Return findings by section, those on the sheet as a whole first."""
    catalog = catalog_of(assessment.instrument)
    rows = fixed_of(catalog)
    titles = {"": _("Lembar kerja")} | {item.code: item.label for item in catalog.sections}
    lines: dict[str, list[FindingLine]] = {code: [] for code in titles}
    for item in found:
        url = section_url(assessment, item.section, item.code) if item.section else ""
        lines[item.section].append(
            FindingLine(
                code=item.code,
                statement=rows[item.code].statement if item.code else "",
                message=item.message,
                is_error=item.severity == checks.Severity.ERROR,
                url=url,
            )
        )
    return tuple(
        FindingGroup(title, tuple(lines[code])) for code, title in titles.items() if lines[code]
    )


@dataclass(frozen=True, slots=True)
class WarningField:
    """A rule that may stand broken: the field for its reason, and the lines that break it."""

    field: Any
    lines: tuple[FindingLine, ...]


def warning_fields(assessment: Assessment, form) -> tuple[WarningField, ...]:
    """Return the fields of a step's form that ask why a warning may stand."""
    return tuple(
        WarningField(
            form[f"warning.{rule}"],
            tuple(line for group in finding_groups(assessment, found) for line in group.lines),
        )
        for rule, found in form.warnings.items()
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be returned to the unit; ``likely`` ones are offered first."""

    code: str
    statement: str
    unit: str
    tpi: str
    chosen: bool
    reason: str
    note: str
    likely: bool


def return_candidates(
    assessment: Assessment, user: User, asked: Mapping[str, str], posted: QueryDict
) -> tuple[Candidate, ...]:
    """Return every row for the form of a return, likely ones first, in worksheet order.

    asked: the address; ``butir`` names a row that is chosen already. posted: what was sent before
    and is shown again.
    """
    sheet = load(assessment, user)
    chosen = set(posted.getlist("rows")) or {asked.get("butir", "")}
    found = []
    for code, fixed in fixed_of(sheet.catalog).items():
        unit, tpi = sheet.entry(Track.UNIT, code), sheet.entry(Track.TPI, code)
        likely = (
            code in chosen
            or tpi.document_check in (DocumentCheck.INADEQUATE, DocumentCheck.ABSENT)
            or tpi.implementation_check
            in (ImplementationCheck.PARTLY, ImplementationCheck.NOT_DONE)
            or differs(sheet, code)
        )
        found.append(
            Candidate(
                code=code,
                statement=fixed.statement,
                unit=value_name(sheet.catalog, code, unit.choice, unit.inputs),
                tpi=value_name(sheet.catalog, code, tpi.choice, tpi.inputs),
                chosen=code in chosen,
                reason=posted.get(f"reason.{code}", tpi.reason),
                note=posted.get(f"note.{code}", tpi.advice),
                likely=likely,
            )
        )
    return tuple(sorted(found, key=lambda item: not item.likely))


@dataclass(frozen=True, slots=True)
class StepText:
    """The words of a step: its button, what it does, and what is said after it."""

    label: str | Promise
    title: str
    explains: str
    done: str


def step_text(step: Transition, assessment: Assessment) -> StepText:
    """Return the words of a step from where the worksheet stands (or stood)."""
    unit = assessment.unit.label
    label = step_label(step, assessment)
    explains = {
        "submit": _("Isian unit terkunci dan disegel. TPI mulai memeriksa setelah timnya lengkap."),
        "forward": _("Lembar kerja diteruskan ke TPI bersama catatan Anda."),
        "return_to_draft": _("Unit dapat mengisi lagi. Tanda selesai tiap area dibuka kembali."),
        "start_review": _("Anggota tim mulai menilai. Isian unit tetap terkunci."),
        "start_without_self": _("TPI mengisi lembar kerja tanpa penilaian mandiri unit."),
        "hand_over": _("Nilai TPI disegel dan lembar kerja berpindah ke {next}.").format(
            next=HOLDERS.get(NEXT_RANK.get(assessment.state), "")
        ),
        "finalize": _("Nilai unit dan TPI disegel. Sesudah final, isian tidak dapat diubah."),
        "return_rows": _(
            "Hanya butir yang dipilih terbuka bagi unit, sampai batas perbaikan. "
            "Sejak pengembalian pertama unit melihat nilai TPI sementara."
        ),
        "step_back": _("Lembar kerja kembali ke {before} untuk diperbaiki.").format(
            before=HOLDERS.get(PREVIOUS_RANK.get(assessment.state), "")
        ),
        "finish_repair": _("Perbaikan disegel dan lembar kerja kembali ke penilai."),
        "new_version": _("Versi ini tetap tersimpan. Versi berikutnya mulai dari isian yang sama."),
    }
    done = _("{unit}: {state}.").format(unit=unit, state=assessment.get_state_display().lower())
    return StepText(label, f"{label}: {unit}", explains.get(step.name, ""), done)


def step_label(step: Transition, assessment: Assessment) -> str | Promise:
    """Return what the step's button says; a hand-over names who receives."""
    if step.name == "hand_over" and assessment.state in NEXT_RANK:
        return _("Teruskan ke {rank}").format(rank=HOLDERS[NEXT_RANK[assessment.state]])
    if step.name == "step_back" and assessment.state in PREVIOUS_RANK:
        return _("Kembalikan ke {rank}").format(rank=HOLDERS[PREVIOUS_RANK[assessment.state]])
    return step.label


@dataclass(frozen=True, slots=True)
class StepLink:
    """A step that the person may take now, as a button."""

    name: str
    label: str | Promise
    is_primary: bool


def step_links(user: User, assessment: Assessment) -> tuple[StepLink, ...]:
    """Return the steps that the person may take now, the main one last."""
    found = [
        StepLink(item.name, step_label(item, assessment), item.is_primary)
        for item in available_transitions(user, assessment)
    ]
    return tuple(sorted(found, key=lambda item: item.is_primary))
