"""What things cost, measured: server CPU, statements, time and memory, beside a calibrated floor.

Everything runs against a scratch database of the configured engine, through the real views and
services. A figure on a slower machine means little alone, so an empty page and a fixed loop are
measured in the same minute.
"""

from __future__ import annotations

import gc
import json
import logging
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from django.urls import reverse
from django.utils import timezone

from assessments import planning, scoring
from assessments.catalog import catalog_of
from assessments.models import (
    Answer,
    Assessment,
    Assignment,
    Instrument,
    Period,
    Rank,
    State,
    TeamMember,
    Track,
)
from assessments.reports.builder import build_evaluation_report
from assessments.reports.circumstances import DocumentMark
from assessments.reports.printing import style_sheet
from assessments.services.documents import KINDS, REPORT
from assessments.services.instruments import load_shipped
from assessments.services.scores import fresh_scores, store_scores, track_values
from assessments.services.worksheets import open_assessment
from units.access import Role
from units.models import Membership, RosterImport, Unit, User
from units.rosters import UNIT_COLUMNS
from zona import pdf
from zona.workbook import list_workbook

IMPORTED_UNITS = 1000
WORDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: median and worst, the goal, and what unit it is in."""

    name: str
    median: float
    worst: float
    goal: float | None
    unit: str
    statements: int | None = None
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Tell whether the median reaches the goal; None without a goal."""
        return None if self.goal is None else self.median <= self.goal


class Counter:
    """Counts the statements that read or write rows."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute, sql, params, many, context):
        """Count one statement and let it run."""
        self.count += sql.lstrip("( ").startswith(WORDS)
        return execute(sql, params, many, context)


def run(units: int) -> Iterator[Figure]:
    """Measure everything on a scratch database with this many units; yields as it goes."""
    old = setup_databases(verbosity=0, interactive=False)
    hosts, settings.ALLOWED_HOSTS = settings.ALLOWED_HOSTS, ["testserver"]
    logging.disable(logging.INFO)
    try:
        yield from _figures(units)
    finally:
        logging.disable(logging.NOTSET)
        settings.ALLOWED_HOSTS = hosts
        teardown_databases(old, verbosity=0)


def _figures(units: int) -> Iterator[Figure]:
    load_shipped()
    yield timed("lantai: putaran tetap 1 juta", _loop, unit="ms", turns=5)
    client = Client()
    yield page("lantai: halaman kosong (/livez)", client, "/livez", goal=None)

    house = build_house(units)
    engine = catalog_of(house.period.instrument).engine
    answers = track_values(house.sheet, Track.TPI)
    yield timed("nilai satu lembar", lambda: scoring.score(engine, answers), goal=3, turns=30)
    yield timed(
        f"nilai {units} lembar dengan baca dan tulis",
        lambda: _rescore_all(house.period),
        goal=2000 * units / 1000,
        turns=1,
    )
    worst = {
        code: None if indicator.is_computed else indicator.worst.code
        for code, indicator in engine.indicators.items()
    }
    targets = {"B.I.a.1": scoring.Decimal("3.60"), "B.II.a.1": scoring.Decimal("3.60")}
    yield timed(
        "langkah tersingkat, semua terendah ke WBBM",
        lambda: planning.plan(engine, worst, "WBBM", index_targets=targets),
        goal=1000,
        turns=3,
    )

    client.force_login(house.auditor)
    yield saves("simpan satu butir", client, house.sheet, goal=15)
    section = reverse("assessments:worksheet", args=[house.sheet.pk, "5"])
    yield page("halaman area", client, section, goal=40)
    dashboard = reverse("assessments:dashboard", args=[house.sheet.pk])
    yield page("dasbor unit", client, dashboard, goal=50)
    portfolio = reverse("assessments:portfolio")
    yield page(f"pantauan {units} unit", client, portfolio, goal=60)
    yield page("daftar unit", client, reverse("units:unit_list"), goal=15)
    office = _office()
    client.force_login(office)
    yield page(f"ruang kendali {units} LKE", client, reverse("assessments:control_room"), goal=15)
    yield from _imports(client, office)
    yield from _pdf(house.sheet)


def timed(
    name: str,
    work: Callable[[], object],
    *,
    goal: float | None = None,
    unit: str = "ms",
    turns: int = 10,
) -> Figure:
    """Measure the CPU of some work, in milliseconds, after one warm-up turn."""
    if turns > 1:
        work()
    costs = []
    for _turn in range(turns):
        gc.collect()
        start = time.process_time()
        work()
        costs.append((time.process_time() - start) * 1000)
    return Figure(name, statistics.median(costs), max(costs), goal, unit)


def page(name: str, client: Client, url: str, *, goal: float | None) -> Figure:
    """Measure the server CPU of a page and count its statements."""

    def get():
        response = client.get(url)
        if response.status_code != 200:
            raise RuntimeError(f"{url} answers {response.status_code}")
        return response

    counter = Counter()
    with connection.execute_wrapper(counter):
        response = get()
    figure = timed(name, get, goal=goal)
    size = len(response.content)
    return Figure(
        name,
        figure.median,
        figure.worst,
        goal,
        "ms",
        statements=counter.count,
        note=f"{size / 1000:.0f} kB",
    )


def saves(name: str, client: Client, sheet: Assessment, *, goal: float) -> Figure:
    """Measure the server CPU of saving one row again and again, a new text each time."""
    url = reverse("assessments:row_save", args=[sheet.pk])
    user = client.session["_auth_user_id"]
    version = [
        Answer.objects.get(assessment=sheet, track=Track.TPI, indicator__code="A.I.5.i.b").version
    ]

    def save():
        entry = {
            "key": str(uuid.uuid4()),
            "user": int(user),
            "code": "A.I.5.i.b",
            "track": "tpi",
            "base_version": version[0],
            "base": {},
            "changes": {"condition": f"Diperiksa ke-{version[0]}."},
        }
        response = client.post(url, json.dumps(entry), content_type="application/json")
        if response.status_code != 200:
            raise RuntimeError(f"{url} answers {response.status_code}: {response.content[:300]}")
        version[0] = response.json()["version"]

    save()
    counter = Counter()
    with connection.execute_wrapper(counter):
        save()
    figure = timed(name, save, goal=goal, turns=20)
    return Figure(name, figure.median, figure.worst, goal, "ms", statements=counter.count)


def _office() -> User:
    """Create somebody of the secretariat."""
    office = User.objects.create(username="kantor", name="Sekretariat Bangku")
    ministry = Unit.objects.get(parent=None)
    since = date(2020, 1, 1)
    Membership.objects.create(user=office, role=Role.SECRETARIAT, unit=ministry, valid_from=since)
    return office


def _imports(client: Client, office: User) -> Iterator[Figure]:
    """Take a list of 1,000 units in: read, checked and previewed, then taken over."""
    rows = [
        (f"I{n:04}", f"Unit Impor {n}", "", f"E{n % 5 + 1}", "Eselon III", "Pelabuhan perikanan")
        for n in range(IMPORTED_UNITS)
    ]
    content = list_workbook("unit", UNIT_COLUMNS, [(*row, "", "WIB", 40) for row in rows])
    upload = SimpleUploadedFile("unit.xlsx", content)
    start = time.perf_counter()
    response = client.post(reverse("units:unit_import"), {"file": upload}, follow=True)
    seconds = time.perf_counter() - start
    roster = RosterImport.objects.filter(created_by=office).first()
    if response.status_code != 200 or roster is None:
        raise RuntimeError(f"the list was refused: {response.content[:2000]}")
    yield Figure(f"impor {IMPORTED_UNITS} unit: pratinjau", seconds, seconds, 5, "s")
    start = time.perf_counter()
    client.post(reverse("units:roster_preview", args=[roster.pk]))
    seconds = time.perf_counter() - start
    if Unit.objects.filter(code__startswith="I").count() < IMPORTED_UNITS:
        raise RuntimeError("the list was not taken over")
    yield Figure(f"impor {IMPORTED_UNITS} unit: ambil alih", seconds, seconds, None, "s")


def _pdf(sheet: Assessment) -> Iterator[Figure]:
    """Make the evaluation report once, from the database to the finished file."""
    start = time.perf_counter()
    mark = DocumentMark(
        number="", dated_on=None, is_issued=False, public_code="BENCH", verify_url="https://zona"
    )
    content = build_evaluation_report(sheet, document=mark)
    printed = pdf.render(KINDS[REPORT].html(content), css=style_sheet())
    seconds = time.perf_counter() - start
    yield Figure("LHE: waktu", seconds, seconds, 4, "s", note=f"{printed.page_count} halaman")
    peak = printed.peak_bytes / 1_000_000
    yield Figure("LHE: puncak memori", peak, peak, 200, "MB")


def _loop() -> int:
    total = 0
    for number in range(1_000_000):
        total += number
    return total


@dataclass(frozen=True, slots=True)
class _House:
    period: Period
    sheet: Assessment
    auditor: User


def build_house(count: int) -> _House:
    """Create a ministry with this many assessed units, one of them filled and under review."""
    ministry = _unit(None, "KBC", "ministry", "ministry")
    parents = [_unit(ministry, f"E{n}", "eselon_1", "directorate") for n in range(1, 6)]
    instrument = Instrument.objects.get(code="lke-zi-2021")
    period = Period.objects.create(
        year=2026,
        name="Evaluasi 2026",
        instrument=instrument,
        evidence_from=date(2025, 1, 1),
        evidence_to=date(2026, 6, 30),
    )
    auditor = User.objects.create(username="bangku", name="Auditor Bangku")
    since = date(2020, 1, 1)
    Membership.objects.create(user=auditor, role=Role.AUDITOR, unit=ministry, valid_from=since)
    sheet = None
    for number in range(count):
        unit = _unit(parents[number % 5], f"U{number:04}", "eselon_3", "port")
        opened = open_assessment(unit=unit, period=period, by=None)
        sheet = sheet or opened
    _fill(period)
    Assessment.objects.filter(period=period).update(state=State.MEMBER_REVIEW)
    sheet = Assessment.objects.for_page().get(pk=sheet.pk)
    today = timezone.localdate()
    sheet.assignment = Assignment.objects.create(
        number="ST-1", dated_on=today, starts_on=today, ends_on=today + timedelta(days=5)
    )
    sheet.save(update_fields=["assignment"])
    TeamMember.objects.create(assessment=sheet, user=auditor, rank=Rank.MEMBER)
    _rescore_all(period)
    return _House(period, sheet, auditor)


def _unit(parent: Unit | None, code: str, level: str, kind: str) -> Unit:
    unit = Unit.objects.create(
        code=code, name=f"Unit {code}", parent=parent, level=level, kind=kind
    )
    unit.path = f"{parent.path if parent else ''}{unit.pk}."
    unit.save(update_fields=["path"])
    return unit


def _fill(period: Period) -> None:
    """Answer every letter row of both tracks with its second option, in one statement each."""
    for scale, choice in (("YA_TIDAK", "Ya"), ("ABC", "B"), ("ABCD", "B"), ("ABCDE", "B")):
        Answer.objects.filter(
            assessment__period=period, indicator__scale=scale, track__in=(Track.UNIT, Track.TPI)
        ).update(choice=choice, condition="Dokumen ada; sebagian besar sudah terlaksana.")


def _rescore_all(period: Period) -> None:
    """Score the TPI's track of every worksheet from the database and store the figures."""
    sheets = Assessment.objects.filter(period=period)
    store_scores(list(fresh_scores(sheets, tracks=[Track.TPI])))


def as_json(figures: list[Figure]) -> str:
    """Return the figures as one JSON list."""
    return json.dumps(
        [{**asdict(figure), "reached": figure.reached} for figure in figures],
        ensure_ascii=False,
        indent=2,
    )
