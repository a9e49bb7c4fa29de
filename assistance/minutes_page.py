"""The minutes of a visit as page and paper print them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import scoring
from assessments.catalog import catalog_of
from assessments.reports.circumstances import DocumentMark, House
from assessments.reports.printing import style_sheet
from assistance.models import Attendance, Minutes, MinutesConfirmation, Recommendation, Visit
from assistance.printing import WAITING, house, mark
from assistance.visit_page import answers_of
from units.models import User
from zona import audit, jobs, pdf
from zona.documents import qr_code, store_document
from zona.models import Document, Job

KIND = "visit_minutes"
LABEL = gettext_lazy("Berita acara asistensi")


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area: its weight, the unit's value and the simulated one; is_met None without a gate."""

    name: str
    weight: Fraction
    own: Fraction
    simulated: Fraction
    minimum: Fraction | None
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class AgreedAction:
    """A recommendation of the visit, as the minutes name it."""

    code: str
    indicator: str
    advice: str
    owner: str
    due_on: date


@dataclass(frozen=True, slots=True)
class MinutesReport:
    """All that page and paper say."""

    visit: Visit
    minutes: Minutes
    areas: tuple[AreaLine, ...]
    own_total: Fraction
    total: Fraction
    actions: tuple[AgreedAction, ...]
    team: tuple
    attendance: tuple[Attendance, ...]
    unit: MinutesConfirmation | None
    itjen: MinutesConfirmation | None
    as_of: datetime

    @property
    def is_complete(self) -> bool:
        """Tell whether both sides have confirmed."""
        return self.unit is not None and self.itjen is not None


def build_minutes(visit: Visit, minutes: Minutes) -> MinutesReport:
    """Return the minutes with their figures; five statements."""
    catalog = catalog_of(visit.assessment.instrument)
    found = answers_of(visit, catalog)
    own, then = (scoring.score(catalog.engine, given) for given in (found.own, found.simulated))
    rules = {rule.code: rule for rule in then.gates[visit.assessment.target].rules}
    safe = scoring.Reading.SAFE
    areas = []
    for area in catalog.engine.areas:
        rule = rules.get(f"area.{area.code}")
        reached = then.readings[safe].areas[area.code]
        areas.append(
            AreaLine(
                name=f"{area.code}. {area.name}",
                weight=reached.weight,
                own=own.readings[safe].areas[area.code].points,
                simulated=reached.points,
                minimum=rule.required if rule else None,
                is_met=rule.met if rule else None,
            )
        )
    given = {item.side: item for item in minutes.confirmations.select_related("by")}
    rows = Recommendation.objects.filter(visit=visit).select_related("indicator", "owner_user")
    return MinutesReport(
        visit=visit,
        minutes=minutes,
        areas=tuple(areas),
        own_total=own.total,
        total=then.total,
        actions=tuple(
            AgreedAction(
                row.code,
                row.indicator.code if row.indicator_id else "",
                row.advice,
                row.owner_name,
                row.due_on,
            )
            for row in rows.order_by("due_on", "pk")
        ),
        team=tuple(visit.team.select_related("user")),
        attendance=tuple(visit.attendance.all()),
        unit=given.get(Attendance.Side.UNIT),
        itjen=given.get(Attendance.Side.ITJEN),
        as_of=timezone.now(),
    )


def minutes_html(report: MinutesReport, document: DocumentMark, letterhead: House) -> str:
    """Return the minutes as a page for ``zona.pdf.render``."""
    context = {
        "report": report,
        "house": letterhead,
        "document": document,
        "qr": qr_code(document.verify_url),
    }
    return render_to_string("reports/visit_minutes.html", context)


def subject_of(visit: Visit) -> str:
    """Return the name under which a visit's papers are kept."""
    return f"visit:{visit.pk}"


@transaction.atomic
def request_minutes(*, visit: Visit, by: User, site: str) -> Job:
    """Queue the making of the paper, or return the job that already waits."""
    Visit.objects.select_for_update().get(pk=visit.pk)
    waiting = Job.objects.filter(kind=KIND, subject=subject_of(visit), state__in=WAITING).first()
    if waiting is not None:
        return waiting
    args = {"visit": visit.pk, "site": settings.SITE_URL or site}
    return jobs.enqueue(KIND, args=args, subject=subject_of(visit), by=by)


def make_minutes(*, visit: Visit, by: User | None, site: str, report: jobs.Report) -> Document:
    """Build, print and keep the minutes as a draft; PdfError carries a sentence."""
    report(10, _("Mengumpulkan hasil kunjungan"))
    content = build_minutes(visit, visit.minutes)
    document = mark(site)
    report(30, _("Menata halaman"))
    printed = pdf.render(minutes_html(content, document, house()), css=style_sheet())
    report(90, _("Menyimpan dokumen"))
    with transaction.atomic():
        locked = Visit.objects.select_for_update().get(pk=visit.pk)
        stored = store_document(
            kind=KIND,
            subject=subject_of(visit),
            title=f"{LABEL}: {visit.unit.name}, {visit.starts_on:%d-%m-%Y}"[:250],
            public_code=document.public_code,
            content=printed.content,
            page_count=printed.page_count,
            facts={
                "kind": str(LABEL),
                "unit": visit.unit.name,
                "unit_code": visit.unit.code,
            },
            by=by,
        )
        data = {"kind": KIND, "version": stored.version, "sha256": stored.sha256}
        audit.record(locked, [audit.Fact("document_made", f"document:{stored.pk}", data)], by=by)
    return stored


def newest_of(visit: Visit) -> Document | None:
    """Return the newest paper of a visit's minutes."""
    rows = Document.objects.filter(kind=KIND, subject=subject_of(visit))
    return rows.order_by("-version").first()
