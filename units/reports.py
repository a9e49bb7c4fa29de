"""What the pages of units and people print: duties in words, roles, history, conflicts."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime

from django.utils import timezone
from django.utils.dateformat import format as format_day
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.access import (
    MINISTRY_WIDE_ROLES,
    ROLE_PERMISSIONS,
    SUBTREE_ROLES,
    Permission,
    Role,
)
from units.models import Membership, Pledge, Service, Unit, User
from units.permissions import can_end_membership
from zona.audit import SYSTEM
from zona.models import AuditEntry

PERMISSION_WORDS = {
    Permission.UNIT_VIEW: gettext_lazy("Melihat data unit kerja"),
    Permission.UNIT_MANAGE: gettext_lazy("Membuat, mengubah, dan menonaktifkan unit kerja"),
    Permission.PEOPLE_VIEW: gettext_lazy("Melihat orang dan perannya"),
    Permission.PEOPLE_MANAGE: gettext_lazy("Membuat akun dan memberi peran"),
    Permission.UNIT_PEOPLE_MANAGE: gettext_lazy(
        "Memberi peran operator dan koordinator area di unitnya"
    ),
    Permission.PERIOD_MANAGE: gettext_lazy("Mengatur periode penilaian"),
    Permission.PERIOD_REOPEN: gettext_lazy("Membuka kembali periode yang sudah ditutup"),
    Permission.TEAM_MANAGE: gettext_lazy("Menyusun tim penilai dan surat tugas"),
    Permission.ASSESSMENT_OPEN: gettext_lazy("Membuka LKE unit"),
    Permission.ASSESSMENT_VIEW: gettext_lazy("Membaca LKE dan dasbor unit"),
    Permission.PORTFOLIO_VIEW: gettext_lazy("Memantau semua unit dalam jangkauannya"),
    Permission.UNIT_TRACK_WRITE: gettext_lazy("Mengisi penilaian mandiri unit"),
    Permission.UNIT_AREA_FINISH: gettext_lazy("Menyatakan area selesai diisi"),
    Permission.ASSESSMENT_SUBMIT: gettext_lazy("Mengajukan LKE ke TPI"),
    Permission.ASSESSMENT_FORWARD: gettext_lazy("Meneruskan atau mengembalikan LKE dari Eselon I"),
    Permission.TPI_TRACK_VIEW: gettext_lazy("Membaca penilaian TPI sebelum final"),
    Permission.TPI_ASSESS: gettext_lazy("Menilai sebagai anggota tim, menurut surat tugas"),
    Permission.QUALITY_CONTROL: gettext_lazy("Mengendalikan mutu dan menetapkan final"),
    Permission.NATIONAL_RECORD: gettext_lazy("Mencatat hasil TPN"),
    Permission.EVIDENCE_MANAGE: gettext_lazy("Mengunggah dan menautkan bukti dukung"),
    Permission.EVIDENCE_SHARE: gettext_lazy("Membagikan bukti dukung kepada TPN"),
    Permission.JOURNEY_BUILD: gettext_lazy("Mencatat pencanangan dan memulai pembangunan ZI"),
    Permission.JOURNEY_DESIGNATE: gettext_lazy("Mencatat penetapan calon oleh pimpinan Eselon I"),
    Permission.JOURNEY_JUDGE: gettext_lazy("Memutuskan syarat usulan"),
    Permission.JOURNEY_EXEMPT: gettext_lazy("Memberi pengecualian syarat usulan"),
    Permission.JOURNEY_PROPOSE: gettext_lazy("Mengusulkan unit, mencatat predikat dan pemantauan"),
    Permission.REPORT_EXPORT: gettext_lazy("Membuat laporan PDF dan mengunduh data"),
    Permission.SURVEY_VIEW: gettext_lazy("Melihat survei dan hasilnya"),
    Permission.SURVEY_MANAGE: gettext_lazy("Mengelola survei unit"),
    Permission.SURVEY_ANSWERS_VIEW: gettext_lazy("Memeriksa mutu jawaban dan komentar survei"),
    Permission.QUESTIONNAIRE_MANAGE: gettext_lazy("Menyusun edisi kuesioner survei"),
    Permission.AUDIT_VIEW: gettext_lazy("Membaca riwayat perubahan"),
    Permission.SETTINGS_MANAGE: gettext_lazy("Mengatur aplikasi"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Duty:
    """One membership in words: the role, where and until when it holds, what it allows."""

    role: str
    unit_id: int
    unit: str
    reach: str
    areas: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    may: tuple[str, ...]


def reach_words(role: str) -> str:
    """Return on which units a role holds, in words."""
    if role in MINISTRY_WIDE_ROLES:
        return _("seluruh kementerian")
    if role in SUBTREE_ROLES:
        return _("unit ini dan semua di bawahnya")
    return _("unit ini saja")


def permission_words(role: str) -> tuple[str, ...]:
    """Return what a role allows, in the order of the permissions' list."""
    granted = ROLE_PERMISSIONS[Role(role)]
    return tuple(str(words) for key, words in PERMISSION_WORDS.items() if key in granted)


def duties_of(user: User, memberships=None) -> tuple[Duty, ...]:
    """Return all that a person may do today and why, one query.

    memberships: those of the person that the reader may see; None means all.
    Memberships that differ in nothing but the area are told as one duty with several areas.
    """
    held = user.memberships.all() if memberships is None else memberships
    rows: dict[tuple, list[Membership]] = {}
    for row in held.in_force().select_related("unit"):
        rows.setdefault((row.role, row.unit_id, row.valid_from, row.valid_to), []).append(row)
    return tuple(_duty(group) for group in rows.values())


def _duty(group: list[Membership]) -> Duty:
    row = group[0]
    areas = {one.area for one in group}
    return Duty(
        role=row.get_role_display(),
        unit_id=row.unit_id,
        unit=row.unit.name,
        reach=reach_words(row.role),
        areas=() if "" in areas else tuple(sorted(areas)),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        may=permission_words(row.role),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class RoleLine:
    """One membership as a list shows it. ``when`` is now, later or past."""

    pk: int
    user_id: int
    person: str
    position: str
    is_active: bool
    unit_id: int
    unit: str
    role: str
    area: str
    valid_from: date
    valid_to: date | None
    granted_by: str
    when: str
    can_end: bool


def role_lines(memberships, *, by: User) -> tuple[RoleLine, ...]:
    """Return memberships for a list, those in force first; one query.

    by: the reader; ``can_end`` says whether he may end the role.
    """
    today = timezone.localdate()
    rows = memberships.select_related("unit", "user", "granted_by").order_by(
        "role", "user__name", "-valid_from"
    )
    lines = [
        RoleLine(
            pk=row.pk,
            user_id=row.user_id,
            person=str(row.user),
            position=row.user.position,
            is_active=row.user.is_active,
            unit_id=row.unit_id,
            unit=row.unit.name,
            role=row.get_role_display(),
            area=row.area,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            granted_by=str(row.granted_by) if row.granted_by else "",
            when=_when(row, today),
            can_end=_when(row, today) != "past" and can_end_membership(by, row),
        )
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: ("now", "later", "past").index(line.when)))


def _when(row: Membership, today: date) -> str:
    if row.valid_from > today:
        return "later"
    return "past" if row.valid_to is not None and row.valid_to < today else "now"


def members_of(unit: Unit, *, by: User) -> tuple[RoleLine, ...]:
    """Return who holds or will hold a role on the unit, one query."""
    today = timezone.localdate()
    held = Membership.objects.filter(unit=unit).exclude(valid_to__lt=today)
    return role_lines(held, by=by)


ACTION_WORDS = {
    "unit.created": gettext_lazy("Unit dibuat"),
    "unit.changed": gettext_lazy("Data unit diubah"),
    "unit.deactivated": gettext_lazy("Unit dinonaktifkan"),
    "unit.reactivated": gettext_lazy("Unit diaktifkan kembali"),
    "service.added": gettext_lazy("Layanan ditambahkan"),
    "service.changed": gettext_lazy("Layanan diubah"),
    "pledge.recorded": gettext_lazy("Pencanangan dicatat"),
    "pledge.changed": gettext_lazy("Pencanangan diubah"),
    "membership.granted": gettext_lazy("Peran diberikan"),
    "membership.ended": gettext_lazy("Peran diakhiri"),
    "person.created": gettext_lazy("Akun dibuat"),
    "person.changed": gettext_lazy("Data akun diubah"),
    "person.deactivated": gettext_lazy("Akun dinonaktifkan"),
    "person.reactivated": gettext_lazy("Akun diaktifkan kembali"),
    "person.invited": gettext_lazy("Undangan dikirim"),
    "person.password_reset": gettext_lazy("Kata sandi diatur ulang"),
}
HISTORY_LINES = 20


@dataclasses.dataclass(frozen=True, slots=True)
class HistoryLine:
    """One audit entry in words."""

    at: datetime
    by: str
    text: str
    details: tuple[str, ...]


def unit_history(unit: Unit) -> tuple[HistoryLine, ...]:
    """Return the newest changes of the unit itself, one query; its evidence has its own page."""
    return _history(AuditEntry.objects.filter(stream=unit.audit_stream, action__in=ACTION_WORDS))


def person_history(person: User) -> tuple[HistoryLine, ...]:
    """Return the newest entries about an account and its roles, two queries."""
    unit_ids = person.memberships.order_by("unit").values_list("unit", flat=True).distinct()
    streams = [SYSTEM, *(f"unit:{pk}" for pk in unit_ids)]
    return _history(AuditEntry.objects.filter(stream__in=streams, target=f"user:{person.pk}"))


def _history(entries) -> tuple[HistoryLine, ...]:
    newest = entries.order_by("-at", "-seq")[:HISTORY_LINES]
    return tuple(
        HistoryLine(
            at=entry.at,
            by=entry.actor_name or _("Sistem"),
            text=str(ACTION_WORDS.get(entry.action, entry.action)),
            details=_details(entry.data),
        )
        for entry in newest
    )


def _details(data: dict) -> tuple[str, ...]:
    """Return what an entry says beyond its action: who or what, and each changed field."""
    lines = []
    if "role" in data:
        place = _("area %(areas)s") % {"areas": ", ".join(data["areas"])} if data["areas"] else ""
        words = [data["name"], str(Role(data["role"]).label), place]
        lines.append(", ".join(word for word in words if word))
    elif "changes" not in data and "name" in data:
        lines.append(data["name"])
    for name, (before, after) in data.get("changes", {}).items():
        label = str(FIELD_WORDS.get(name, name)).capitalize()
        if before:
            lines.append(f"{label}: {_said(name, before)} → {_said(name, after)}")
        else:
            lines.append(f"{label}: {_said(name, after)}")
    return tuple(lines)


_FIELDS = {
    field.name: field for model in (User, Pledge, Service, Unit) for field in model._meta.fields
}
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _said(name: str, text: str) -> str:
    """Return a stored text as a reader knows it: the word of a choice, a day in full."""
    if text in ("", "None"):
        return "–"
    if _ISO_DAY.fullmatch(text):
        return format_day(date.fromisoformat(text), "j F Y")
    if text in ("True", "False"):
        return _("ya") if text == "True" else _("tidak")
    field = _FIELDS.get(name)
    return str(dict(field.flatchoices).get(text, text)) if field is not None else text


FIELD_WORDS = {name: field.verbose_name for name, field in _FIELDS.items()}


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """A field on which the editor and the saved row do not agree."""

    label: str
    mine: str
    saved: str


@dataclasses.dataclass(frozen=True, slots=True)
class EditConflict:
    """What happened to a row while its form was open."""

    by: str
    at: datetime | None
    differences: tuple[Difference, ...]


def edit_conflict(current: Unit, mine: dict) -> EditConflict:
    """Compare what an editor typed with how the unit stands now; one query."""
    last = AuditEntry.objects.filter(stream=current.audit_stream, action__startswith="unit.")
    return row_conflict(current, mine, last)


def entries(stream: str, prefix: str, target: str = ""):
    """Return the audit entries of a stream about one kind of change, and one row if named."""
    rows = AuditEntry.objects.filter(stream=stream, action__startswith=prefix)
    return rows.filter(target=target) if target else rows


def row_conflict(current, mine: dict, entries) -> EditConflict:
    """Compare what an editor typed with how a row stands now; one query.

    mine: typed values by field. entries: the audit entries about this row, of which the newest
    tells who saved it and when.
    """
    entry = entries.order_by("-at", "-seq").first()
    found = [
        Difference(
            str(current._meta.get_field(name).verbose_name).capitalize(),
            shown_value(current, name, value),
            shown_value(current, name, getattr(current, name)),
        )
        for name, value in mine.items()
        if getattr(current, name) != value
    ]
    return EditConflict(
        by=entry.actor_name if entry else "",
        at=entry.at if entry else None,
        differences=tuple(found),
    )


def shown_value(row, name: str, value) -> str:
    """Return a field's value as a reader knows it: the word of a choice, a day in full."""
    if isinstance(value, list):
        value = ", ".join(value)
    text = "" if value is None else str(value)
    choices = dict(row._meta.get_field(name).flatchoices)
    return str(choices[value]) if value in choices and value != "" else _said(name, text)
