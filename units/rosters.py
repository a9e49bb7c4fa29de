"""Units and people from and to a sheet: what a list says, checked row by row before anything.

The columns of the lists that go out are those that come in, so a list can be taken, corrected and
given back. Nothing here writes; ``units.services.rosters`` takes over what was checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from units.access import AREA_ROLES, Role, access_of
from units.models import Membership, Unit, UnitFigures, User
from units.permissions import grantable_roles
from zona.table_file import Fault, Line

UNIT_COLUMNS = (
    "kode",
    "nama",
    "nama_singkat",
    "kode_induk",
    "tingkat",
    "jenis",
    "provinsi",
    "zona_waktu",
    "jumlah_pegawai",
)
# May stand beside those of a unit; a row with a year brings the figures of that year.
FIGURE_COLUMNS = ("angka_tahun", "anggaran", "pnbp", "jumlah_layanan", "capaian_rb", "sumber_angka")
MONEY_MAX = 10**15
PEOPLE_COLUMNS = (
    "nama_pengguna",
    "nama",
    "nip",
    "jabatan",
    "surel",
    "kode_unit",
    "peran",
    "area",
)
LEVEL_ORDER = Unit.Level.values
STAFF_MAX = 100_000
NEW, CHANGED, SAME = "new", "changed", "same"
USERNAME = User._meta.get_field("username")


@dataclass(frozen=True, slots=True)
class Change:
    """A field of somebody known that a row would change: its column, and both values."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be taken over: what it brings and whether that is new."""

    number: int
    status: str
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would change; with a fault nothing is taken over."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]

    def count(self, status: str) -> int:
        """Return how many rows are new, changed or the same."""
        return sum(entry.status == status for entry in self.entries)

    @property
    def new_count(self) -> int:
        """Return how many rows are new."""
        return self.count(NEW)

    @property
    def changed_count(self) -> int:
        """Return how many rows change what is there."""
        return self.count(CHANGED)

    @property
    def same_count(self) -> int:
        """Return how many rows bring nothing new."""
        return self.count(SAME)


def _choice(choices, text: str) -> str | None:
    """Return the value of a choice by its value or its word; None for neither."""
    for value, label in choices:
        if text.casefold() in (value.casefold(), str(label).casefold()):
            return value
    return None


# Units -------------------------------------------------------------------------------------------


def plan_units(lines: Iterable[Line]) -> Plan:
    """Check a list of units against itself and the tree; two queries whatever its length."""
    known = {unit.code: unit for unit in Unit.objects.select_related("parent")}
    faults: list[Fault] = []
    rows: dict[str, tuple[Line, dict[str, Any]]] = {}
    figures: dict[str, dict[str, Any]] = {}
    for line in lines:
        values = _unit_values(line, faults)
        code = values["code"]
        if code in rows:
            text = _("Kode sama dengan baris {row}.").format(row=rows[code][0].number)
            faults.append(Fault(line.number, "kode", text))
        else:
            rows[code] = (line, values)
            brought = _figures(line, faults)
            if brought:
                figures[code] = {**brought, "staff": values["staff_count"]}
    _check_tree(rows, known, faults)
    if faults:
        return Plan((), tuple(sorted(faults, key=lambda fault: fault.row)))
    entries = []
    held = _held_figures(figures)
    for code in _parents_first(rows):
        line, values = rows[code]
        unit = known.get(code)
        status = NEW
        if unit is not None:
            now = {name: getattr(unit, name) for name in values if name != "parent"}
            now["parent"] = unit.parent.code if unit.parent else ""
            is_same = now == values and held.get(code) == figures.get(code)
            status = SAME if is_same else CHANGED
        title = f"{values['name']} ({code})"
        if code in figures:
            title += _(", angka {year}").format(year=figures[code]["year"])
        entries.append(Entry(line.number, status, title, values, figures.get(code)))
    return Plan(tuple(entries), ())


def _figures(line: Line, faults: list[Fault]) -> dict[str, Any] | None:
    """Return the figures that a row brings; None for a row without a year."""
    cells, number = {name: line.cells.get(name, "") for name in FIGURE_COLUMNS}, line.number
    if not any(cells.values()):
        return None
    year = cells["angka_tahun"]
    if not year.isdecimal() or not 2000 <= int(year[:5]) <= timezone.localdate().year:
        text = _("Tulis tahun dari 2000 sampai tahun ini.")
        faults.append(Fault(number, "angka_tahun", text))
        return None
    found: dict[str, Any] = {"year": int(year)}
    for column, name in (
        ("anggaran", "budget_idr"),
        ("pnbp", "revenue_idr"),
        ("jumlah_layanan", "services"),
    ):
        digits = cells[column].replace(".", "").replace(" ", "")
        if digits and (not digits.isdecimal() or int(digits[:17]) > MONEY_MAX):
            faults.append(Fault(number, column, _("Tulis bilangan bulat, tanpa huruf.")))
            digits = ""
        found[name] = int(digits) if digits else None
    for column, name in (("capaian_rb", "reform"), ("sumber_angka", "source")):
        if len(cells[column]) > 200:
            faults.append(Fault(number, column, _("Paling panjang {n} huruf.").format(n=200)))
        found[name] = cells[column]
    if not found["source"]:
        faults.append(Fault(number, "sumber_angka", _("Tulis sumber angkanya.")))
    return found


def _held_figures(brought: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what is kept of the units and years that a list brings figures of; one query."""
    if not brought:
        return {}
    rows = UnitFigures.objects.filter(unit__code__in=brought).select_related("unit")
    names = ("year", "budget_idr", "revenue_idr", "services", "reform", "source", "staff")
    return {
        row.unit.code: {name: getattr(row, name) for name in names}
        for row in rows
        if row.year == brought[row.unit.code]["year"]
    }


def _unit_values(line: Line, faults: list[Fault]) -> dict[str, Any]:
    cells, number = line.cells, line.number

    def fault(column: str, text: str) -> None:
        faults.append(Fault(number, column, text))

    for column, limit in (("kode", 20), ("nama", 150), ("nama_singkat", 60), ("provinsi", 60)):
        if len(cells[column]) > limit:
            fault(column, _("Paling panjang {n} huruf.").format(n=limit))
    for column in ("kode", "nama"):
        if not cells[column]:
            fault(column, _("Wajib diisi."))
    level = _choice(Unit.Level.choices, cells["tingkat"])
    if level is None:
        fault("tingkat", _("Tulis salah satu: {all}.").format(all=_words(Unit.Level.choices)))
    kind = _choice(Unit.Kind.choices, cells["jenis"])
    if kind is None:
        fault("jenis", _("Tulis salah satu: {all}.").format(all=_words(Unit.Kind.choices)))
    zone = _choice(Unit.TimeZone.choices, cells["zona_waktu"] or Unit.TimeZone.WIB)
    if zone is None:
        fault("zona_waktu", _("Tulis WIB, WITA, atau WIT."))
    staff = cells["jumlah_pegawai"] or "0"
    if not staff.isdecimal() or int(staff[:9]) > STAFF_MAX:
        fault("jumlah_pegawai", _("Tulis bilangan bulat, paling banyak {n}.").format(n=STAFF_MAX))
        staff = "0"
    return {
        "code": cells["kode"],
        "name": cells["nama"],
        "short_name": cells["nama_singkat"],
        "parent": cells["kode_induk"],
        "level": level,
        "kind": kind,
        "province": cells["provinsi"],
        "time_zone": zone,
        "staff_count": int(staff),
    }


def _words(choices) -> str:
    return ", ".join(str(label) for _value, label in choices)


def _check_tree(rows, known: dict[str, Unit], faults: list[Fault]) -> None:
    """Tell of parents that are missing or closed, of levels out of order, and of rings."""
    parent_of = {code: unit.parent.code if unit.parent else "" for code, unit in known.items()}
    parent_of |= {code: values["parent"] for code, (_line, values) in rows.items()}
    level_of = {code: unit.level for code, unit in known.items()}
    level_of |= {code: values["level"] for code, (_line, values) in rows.items()}
    tops = {code for code, parent in parent_of.items() if not parent}
    for code, (line, values) in rows.items():
        parent, level = values["parent"], values["level"]
        if not parent:
            if level != Unit.Level.MINISTRY or len(tops) > 1:
                text = _("Hanya kementerian yang tanpa induk, dan hanya satu.")
                faults.append(Fault(line.number, "kode_induk", text))
            continue
        if parent not in parent_of:
            text = _("Tidak ada unit berkode {code}.").format(code=parent)
            faults.append(Fault(line.number, "kode_induk", text))
        elif parent not in rows and not known[parent].is_active:
            text = _("Unit {code} sudah dinonaktifkan.").format(code=parent)
            faults.append(Fault(line.number, "kode_induk", text))
        elif _is_ring(code, parent_of):
            text = _("Induk ini membuat lingkaran: unit berada di bawah dirinya sendiri.")
            faults.append(Fault(line.number, "kode_induk", text))
        elif level == Unit.Level.MINISTRY:
            text = _("Kementerian tidak mempunyai induk.")
            faults.append(Fault(line.number, "tingkat", text))
        elif level and level_of[parent] and _is_above(level, level_of[parent]):
            text = _("Tingkat unit tidak dapat lebih tinggi daripada induknya.")
            faults.append(Fault(line.number, "tingkat", text))


def _is_above(level: str, other: str) -> bool:
    return LEVEL_ORDER.index(level) < LEVEL_ORDER.index(other)


def _is_ring(code: str, parent_of: dict[str, str]) -> bool:
    """Tell whether the way up from a unit comes back to it."""
    seen = {code}
    while code := parent_of.get(code, ""):
        if code in seen:
            return True
        seen.add(code)
    return False


def _parents_first(rows) -> Iterator[str]:
    """Yield the codes so that each comes after its parent."""
    done: set[str] = set()
    for start in rows:
        way = []
        code = start
        while code in rows and code not in done:
            way.append(code)
            done.add(code)
            code = rows[code][1]["parent"]
        yield from reversed(way)


def unit_rows(units: Iterable[Unit]) -> Iterator[tuple[str | int, ...]]:
    """Yield units as the list's columns have them, with their newest figures; one query more.

    The parents are loaded with the units.
    """
    units = list(units)
    figures = {}
    for row in UnitFigures.objects.filter(unit__in=units).order_by("year"):
        figures[row.unit_id] = row
    for unit in units:
        yield (
            unit.code,
            unit.name,
            unit.short_name,
            unit.parent.code if unit.parent else "",
            str(unit.get_level_display()),
            str(unit.get_kind_display()),
            unit.province,
            str(unit.get_time_zone_display()),
            unit.staff_count,
            *_figure_cells(figures.get(unit.pk)),
        )


def _figure_cells(row: UnitFigures | None) -> tuple[str | int, ...]:
    if row is None:
        return ("",) * len(FIGURE_COLUMNS)
    known = (row.year, row.budget_idr, row.revenue_idr, row.services, row.reform, row.source)
    return tuple("" if value is None else value for value in known)


# People ------------------------------------------------------------------------------------------


def plan_people(lines: Iterable[Line], *, by: User) -> Plan:
    """Check a list of people and their roles; a person may stand in several rows, one per role.

    by: who would take it over; only roles that he may give pass. The number of queries does not
    grow with the list.
    """
    lines = list(lines)
    units = {unit.code: unit for unit in Unit.objects.all()}
    people = {user.username.casefold(): user for user in User.objects.all()}
    by_nip = {user.nip: key for key, user in people.items() if user.nip}
    by_mail = {user.email.casefold(): key for key, user in people.items() if user.email}
    held = set(
        Membership.objects.in_force().values_list("user__username", "unit__code", "role", "area")
    )
    admins = {username for username, _code, role, _area in held if role == Role.SYSTEM_ADMIN}
    is_admin = Role.SYSTEM_ADMIN in access_of(by).roles
    faults: list[Fault] = []
    first: dict[str, tuple[int, dict[str, Any]]] = {}
    given: dict[tuple, int] = {}
    entries = []
    for line in lines:
        values = _person_values(line, units, faults, by)
        key = values["username"].casefold()
        _keep_blanks(values, people.get(key))
        told = {name: values[name] for name in ("username", "name", "nip", "position", "email")}
        if key in first and first[key][1] != told:
            text = _("Data orang ini berbeda dari baris {row}.").format(row=first[key][0])
            faults.append(Fault(line.number, "nama_pengguna", text))
        first.setdefault(key, (line.number, told))
        _check_taken(line, key, told, by_nip, by_mail, faults)
        person = people.get(key)
        if person is not None and (
            person.pk == by.pk or (person.username in admins and not is_admin)
        ):
            text = _("Akun ini di luar wewenang Anda.")
            faults.append(Fault(line.number, "nama_pengguna", text))
        grant = (key, values["unit"], values["role"], values["area"])
        if values["role"] and grant in given:
            text = _("Peran sama dengan baris {row}.").format(row=given[grant])
            faults.append(Fault(line.number, "peran", text))
        given.setdefault(grant, line.number)
        entries.append(_person_entry(line, values, told, person, held))
    if faults:
        return Plan((), tuple(sorted(faults, key=lambda fault: fault.row)))
    return Plan(tuple(entries), ())


def _person_values(line: Line, units, faults: list[Fault], by: User) -> dict[str, Any]:
    cells, number = line.cells, line.number

    def fault(column: str, text: str) -> None:
        faults.append(Fault(number, column, text))

    try:
        USERNAME.clean(cells["nama_pengguna"], None)
    except ValidationError:
        fault("nama_pengguna", _("Pakai huruf, angka, titik, dan garis bawah."))
    if not cells["nama"] or len(cells["nama"]) > 150:
        fault("nama", _("Tulis nama, paling panjang 150 huruf."))
    nip = cells["nip"].replace(" ", "")
    if nip and (len(nip) != 18 or not nip.isdecimal()):
        fault("nip", _("NIP terdiri atas 18 angka."))
    if cells["surel"]:
        try:
            validate_email(cells["surel"])
        except ValidationError:
            fault("surel", _("Alamat surel tidak sah."))
    unit = units.get(cells["kode_unit"])
    role = _choice(Role.choices, cells["peran"]) if cells["peran"] else ""
    if cells["kode_unit"] and unit is None:
        fault("kode_unit", _("Tidak ada unit berkode {code}.").format(code=cells["kode_unit"]))
    if role is None:
        fault("peran", _("Tulis salah satu: {all}.").format(all=_words(Role.choices)))
    elif role and not cells["kode_unit"]:
        fault("kode_unit", _("Tulis unit tempat peran itu dipegang."))
    elif role and unit is not None and role not in grantable_roles(by, unit):
        fault("peran", _("Peran ini tidak berlaku untuk unit itu, atau di luar wewenang Anda."))
    if cells["area"] and (role not in AREA_ROLES or cells["area"] not in "123456"):
        fault("area", _("Tulis 1 sampai 6, hanya untuk operator dan koordinator area."))
    return {
        "username": cells["nama_pengguna"],
        "name": cells["nama"],
        "nip": nip,
        "position": cells["jabatan"][:150],
        "email": cells["surel"],
        "unit": cells["kode_unit"] if role else "",
        "role": role or "",
        "area": cells["area"],
    }


PERSON_COLUMNS = {"name": "nama", "nip": "nip", "position": "jabatan", "email": "surel"}


def _keep_blanks(values: dict[str, Any], person: User | None) -> None:
    """A blank cell leaves a known person's field as it is."""
    if person is not None:
        for name in PERSON_COLUMNS:
            values[name] = values[name] or getattr(person, name)


def _check_taken(line: Line, key: str, told, by_nip, by_mail, faults: list[Fault]) -> None:
    """Tell of a NIP or an address that opens another account; remember those of this row."""
    for column, value, taken in (
        ("nip", told["nip"], by_nip),
        ("surel", told["email"].casefold(), by_mail),
    ):
        if value and taken.setdefault(value, key) != key:
            faults.append(Fault(line.number, column, _("Sudah dipakai akun lain.")))


def _person_entry(line: Line, values, told, person: User | None, held) -> Entry:
    title = f"{values['name']} ({values['username']})"
    if values["role"]:
        title += f", {Role(values['role']).label}, {values['unit']}"
    if person is None:
        return Entry(line.number, NEW, title, values)
    changes = tuple(
        Change(PERSON_COLUMNS[name], getattr(person, name), value)
        for name, value in told.items()
        if name in PERSON_COLUMNS and getattr(person, name) != value
    )
    places = {
        (person.username, values["unit"], values["role"], area) for area in ("", values["area"])
    }
    is_new_role = bool(values["role"]) and not places & held
    if is_new_role:
        role = f"{Role(values['role']).label}, {values['unit']}"
        changes += (Change("peran", "", role),)
    return Entry(line.number, CHANGED if changes else SAME, title, values, changes=changes)


def people_rows(people: Iterable[User]) -> Iterator[tuple[str, ...]]:
    """Yield people, one row per role (``roles``, loaded by ``for_list``) or one without."""
    for person in people:
        own = (person.username, person.name, person.nip, person.position, person.email)
        for role in person.roles:
            yield (*own, role.unit.code, str(role.get_role_display()), role.area)
        if not person.roles:
            yield (*own, "", "", "")
