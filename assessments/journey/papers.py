"""The journey's papers: asked for, made in the background, signed and issued as documents.

What each is about is a ``Subject``; the row that owns it is locked for every step: the unit, or
the letter of proposal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.journey import paper_content
from assessments.journey.building import CLOSED, can_see_all, can_write
from assessments.journey.services import STREAM_PREFIX, sheet_of
from assessments.models import (
    BuildingMonitoring,
    JourneyPaper,
    Monitoring,
    Period,
    Plenary,
    Proposal,
)
from assessments.reports.circumstances import DocumentMark
from assessments.reports.printing import style_sheet
from assessments.services.files import check_file
from units.access import Permission, has_permission
from units.models import Unit, User
from units.services.tree import lock_unit
from zona import audit, jobs, pdf
from zona.documents import (
    DocumentRefused,
    await_signature,
    issue_document,
    new_public_code,
    store_document,
    withdraw_document,
)
from zona.models import Document, Job

LETTER = "proposal_letter"
STATEMENT = "proposal_statement"
CONDITIONS = "eligibility_checklist"
MONITORING = "monitoring_report"
MINUTES = "plenary_minutes"
WAITING = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, slots=True)
class PaperKind:
    """One kind of paper: its name, its short name for files, and what it holds in a sentence."""

    code: str
    label: str | Promise
    short: str
    about: str | Promise


KINDS = {
    kind.code: kind
    for kind in (
        PaperKind(
            LETTER,
            gettext_lazy("Surat usulan"),
            "Surat usulan",
            gettext_lazy("Satu surat untuk semua unit, dengan daftar unit sebagai lampiran."),
        ),
        PaperKind(
            STATEMENT,
            gettext_lazy("Surat pernyataan tanggung jawab mutlak"),
            "SPTJM",
            gettext_lazy("Pernyataan tanggung jawab atas usulan, dengan daftar unit."),
        ),
        PaperKind(
            CONDITIONS,
            gettext_lazy("Daftar periksa syarat usulan"),
            "Daftar periksa",
            gettext_lazy("Semua syarat di luar nilai dengan bukti, putusan, dan pengecualiannya."),
        ),
        PaperKind(
            MONITORING,
            gettext_lazy("Laporan pemantauan"),
            "Laporan pemantauan",
            gettext_lazy("Rencana kerja, target, kondisi tiap area, simpulan, dan saran."),
        ),
        PaperKind(
            MINUTES,
            gettext_lazy("Berita acara rapat pleno"),
            "BA pleno",
            gettext_lazy("Putusan per unit dengan angka, alasan, pendapat berbeda, daftar hadir."),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What papers are about: a letter, a look at a unit, or a unit's conditions in a period."""

    unit: Unit | None = None
    period: Period | None = None
    proposal: Proposal | None = None
    building: BuildingMonitoring | None = None
    monitoring: Monitoring | None = None
    plenary: Plenary | None = None

    @property
    def name(self) -> str:
        """Return the name under which its documents and jobs are kept."""
        if self.proposal:
            return f"proposal:{self.proposal.pk}"
        if self.plenary:
            return f"plenary:{self.plenary.pk}"
        if self.building:
            return f"building:{self.building.pk}"
        if self.monitoring:
            return f"monitoring:{self.monitoring.pk}"
        return f"conditions:{self.unit.pk}:{self.period.pk}"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of papers that can be made of it."""
        if self.proposal:
            return (LETTER, STATEMENT)
        if self.plenary:
            return (MINUTES,)
        return (MONITORING,) if self.building or self.monitoring else (CONDITIONS,)

    @property
    def title(self) -> str:
        """Return what it is called in a document's title."""
        if self.proposal:
            return f"{self.proposal}, {self.proposal.period.name}"
        if self.plenary:
            return f"{self.plenary}, {self.plenary.period.name}"
        if self.building or self.monitoring:
            return f"{self.unit.name}, {(self.building or self.monitoring).on.strftime('%d-%m-%Y')}"
        return f"{self.unit.name}, {self.period.name}"

    @property
    def url(self) -> str:
        """Return the page on which its papers stand."""
        return JourneyPaper(**self.links).get_absolute_url()

    @property
    def links(self) -> dict:
        """Return what a paper's row names."""
        return {
            "unit": self.unit,
            "period": self.period,
            "proposal": self.proposal,
            "building": self.building,
            "monitoring": self.monitoring,
            "plenary": self.plenary,
        }


def subject_of(paper: JourneyPaper) -> Subject:
    """Return what a paper is about; its relations are loaded with it."""
    return Subject(
        paper.unit, paper.period, paper.proposal, paper.building, paper.monitoring, paper.plenary
    )


# Who may ----------------------------------------------------------------------------------------


def can_make(user: User, subject: Subject) -> bool:
    """Letters: whoever proposes. Papers of a unit: whoever may export its reports."""
    if subject.proposal or subject.plenary:
        return has_permission(user, Permission.JOURNEY_PROPOSE)
    return has_permission(user, Permission.REPORT_EXPORT, subject.unit)


def can_issue(user: User, subject: Subject) -> bool:
    """The secretariat; a look by the unit or Eselon I is signed and issued by that side too."""
    if has_permission(user, Permission.PERIOD_MANAGE):
        return True
    building = subject.building
    if building is None or building.side == BuildingMonitoring.Side.ITJEN:
        return False
    return can_write(user, building)


def can_read(user: User, subject: Subject) -> bool:
    """Letters name many units, so they stay with Itjen; the others go with the unit."""
    if subject.proposal or subject.plenary:
        return can_see_all(user)
    return has_permission(user, Permission.ASSESSMENT_VIEW, subject.unit)


# Made --------------------------------------------------------------------------------------------


def _lock(subject: Subject) -> Unit | None:
    """Lock the row that orders the steps of these papers; return the unit where it is one."""
    if subject.unit is not None:
        return lock_unit(subject.unit.pk)
    if subject.plenary:
        Plenary.objects.select_for_update().get(pk=subject.plenary.pk)
        return None
    Proposal.objects.select_for_update().get(pk=subject.proposal.pk)
    return None


def _tell(unit: Unit | None, action: str, document: Document, by: User | None) -> None:
    data = {
        "kind": document.kind,
        "version": document.version,
        "number": document.number,
        "sha256": document.signed_sha256 or document.sha256,
        "reason": document.withdrawn_reason,
    }
    kept = {name: value for name, value in data.items() if value}
    fact = audit.Fact(STREAM_PREFIX + action, f"document:{document.pk}", kept)
    if unit is None:
        audit.record_system([fact], by=by)
    else:
        audit.record(unit, [fact], by=by)


@transaction.atomic
def request_paper(*, subject: Subject, kind: str, by: User, site: str) -> Job:
    """Queue the making of a paper, or return the job that waits for it already.

    site: address under which papers can be checked; the setting SITE_URL comes first.
    """
    _lock(subject)
    waiting = Job.objects.filter(kind=kind, subject=subject.name, state__in=WAITING).first()
    if waiting is not None:
        return waiting
    args = {name: row.pk for name, row in subject.links.items() if row is not None}
    args["site"] = settings.SITE_URL or site
    return jobs.enqueue(kind, args=args, subject=subject.name, by=by)


def subject_from(args: dict) -> Subject:
    """Return what a job's arguments name."""
    proposal = building = monitoring = period = unit = plenary = None
    if "plenary" in args:
        held = Plenary.objects.select_related("period__instrument")
        plenary = held.defer("period__instrument__document").get(pk=args["plenary"])
    if "proposal" in args:
        proposal = Proposal.objects.select_related("period").get(pk=args["proposal"])
    if "unit" in args:
        unit = Unit.objects.select_related("parent").get(pk=args["unit"])
    if "period" in args:
        periods = Period.objects.select_related("instrument").defer("instrument__document")
        period = periods.get(pk=args["period"])
    if "building" in args:
        building = BuildingMonitoring.objects.select_related("recorded_by").get(pk=args["building"])
    if "monitoring" in args:
        looks = Monitoring.objects.select_related("award", "recorded_by")
        monitoring = looks.get(pk=args["monitoring"])
    return Subject(unit, period, proposal, building, monitoring, plenary)


def build(subject: Subject, kind: str, mark: DocumentMark) -> tuple[str, object, dict]:
    """Return a paper's template, its content, and what its public page may repeat."""
    facts = {"kind": str(KINDS[kind].label)}
    if subject.proposal:
        letter = paper_content.build_letter(subject.proposal, mark)
        facts["unit"] = _("{n} unit kerja").format(n=len(letter.lines))
        facts["signer"] = subject.proposal.signer_name
        facts["signer_position"] = subject.proposal.signer_position
        name = "letter" if kind == LETTER else "statement"
        return f"reports/proposal_{name}.html", letter, facts
    if subject.plenary:
        minutes = paper_content.build_minutes(subject.plenary, mark)
        facts["unit"] = _("{n} unit kerja").format(n=len(minutes.decisions))
        facts["signer"] = subject.plenary.chair_name
        facts["signer_position"] = subject.plenary.chair_position
        facts["revision"] = minutes.revision
        return "reports/plenary_minutes.html", minutes, facts
    facts |= {"unit": subject.unit.name, "unit_code": subject.unit.code}
    if kind == CONDITIONS:
        sheet = sheet_of(subject.unit, subject.period)
        listed = paper_content.build_conditions(subject.unit, subject.period, sheet, mark)
        return "reports/conditions.html", listed, facts
    report = paper_content.build_monitoring(
        subject.unit, mark, building=subject.building, look=subject.monitoring
    )
    if report.signer:
        facts["signer"] = report.signer.name
        facts["signer_position"] = report.signer.position
    return "reports/monitoring.html", report, facts


def make_paper(
    *, subject: Subject, kind: str, by: User | None, site: str, report: Callable
) -> Document:
    """Build, print and keep a paper as its subject stands now; PdfError carries a sentence."""
    report(10, _("Mengumpulkan data"))
    code = new_public_code()
    address = site + reverse(settings.DOCUMENT_VERIFY_URL, args=[code])
    mark = DocumentMark("", None, is_issued=False, public_code=code, verify_url=address)
    template, content, facts = build(subject, kind, mark)
    report(30, _("Menata halaman"))
    printed = pdf.render(paper_content.paper_html(template, content), css=style_sheet())
    report(90, _("Menyimpan dokumen"))
    with transaction.atomic():
        unit = _lock(subject)
        document = store_document(
            kind=kind,
            subject=subject.name,
            title=f"{KINDS[kind].label}: {subject.title}"[:250],
            public_code=code,
            content=printed.content,
            page_count=printed.page_count,
            facts=facts,
            by=by,
        )
        JourneyPaper.objects.create(document=document, **subject.links)
        _tell(unit, "document_made", document, by)
    return document


# Signed ------------------------------------------------------------------------------------------


@transaction.atomic
def send(*, paper: JourneyPaper, by: User) -> Document:
    """Mark a draft as waiting for its signature. Raises DocumentRefused with a sentence."""
    unit = _lock(subject_of(paper))
    _require_current(paper)
    sent = await_signature(paper.document)
    _tell(unit, "document_sent", sent, by)
    return sent


def issue(
    *, paper: JourneyPaper, number: str, dated_on: date, signed: UploadedFile, by: User
) -> Document:
    """Issue a paper: number, day and the signed PDF are recorded, on its letter too.

    Raises DocumentRefused or EvidenceRefused (the file), each with a sentence; nothing is stored.
    """
    # Before any lock: a virus scanner may take its time.
    if check_file(signed).extension != "pdf":
        raise DocumentRefused(_("Naskah bertanda tangan harus berupa PDF."))
    with transaction.atomic():
        unit = _lock(subject_of(paper))
        if paper.proposal_id:
            _number_letter(paper, number, dated_on)
        _require_current(paper)
        issued = issue_document(paper.document, number=number, dated_on=dated_on, signed=signed)
        if paper.plenary_id:
            closed = Plenary.objects.filter(pk=paper.plenary_id, closed_at=None)
            closed.update(closed_at=timezone.now())
        _tell(unit, "document_issued", issued, by)
    return issued


def _require_current(paper: JourneyPaper) -> None:
    """Refuse minutes that were set before the meeting's last change, or without a decision."""
    if not paper.plenary_id:
        return
    held = Plenary.objects.get(pk=paper.plenary_id)
    if not held.decisions.exists():
        raise DocumentRefused(_("Belum ada putusan dalam rapat ini."))
    if paper.document.facts.get("revision") != held.version:
        raise DocumentRefused(
            _("Konsep ini dibuat sebelum perubahan terakhir rapat. Buat ulang PDF-nya.")
        )


def known_number(paper: JourneyPaper) -> str:
    """Return the number that is recorded of a letter already; blank where none is."""
    row = paper.proposal
    if row is None:
        return ""
    return row.sptjm_number if paper.document.kind == STATEMENT else row.number


def _number_letter(paper: JourneyPaper, number: str, dated_on: date) -> None:
    """Write number and day of the issued paper on the letter that it prints."""
    row = paper.proposal
    if not row.lines.filter(withdrawn_at=None).exists():
        raise DocumentRefused(_("Semua unit dalam surat ini sudah ditarik."))
    if paper.document.kind == STATEMENT:
        row.sptjm_number, row.sptjm_on = number, dated_on
        row.save(update_fields=["sptjm_number", "sptjm_on"])
        return
    if Proposal.objects.filter(number=number).exclude(pk=row.pk).exists():
        raise DocumentRefused(_("Nomor surat usulan sudah dipakai."))
    row.number, row.dated_on = number, dated_on
    row.save(update_fields=["number", "dated_on"])


@transaction.atomic
def withdraw(*, paper: JourneyPaper, reason: str, by: User) -> Document:
    """Take an issued paper out of force. Raises DocumentRefused with a sentence."""
    unit = _lock(subject_of(paper))
    gone = withdraw_document(paper.document, reason=reason)
    _tell(unit, "document_withdrawn", gone, by)
    return gone


# Shown -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperState:
    """One kind of paper of a subject: the work under way, the newest, the older ones."""

    kind: PaperKind
    make_url: str
    job: Job | None
    failed: Job | None
    newest: JourneyPaper | None
    older: tuple[JourneyPaper, ...]


@dataclass(frozen=True, slots=True)
class PaperPanel:
    """The papers of a subject; ``is_waiting`` while one is being made."""

    url: str
    states: tuple[PaperState, ...]
    can_make: bool
    can_issue: bool

    @property
    def is_waiting(self) -> bool:
        """Tell whether the page should ask again."""
        return any(state.job for state in self.states)

    @property
    def is_signed(self) -> bool:
        """Tell whether a paper is at its signer's or issued: what it prints stays."""
        papers = [paper for state in self.states for paper in (state.newest, *state.older) if paper]
        return any(paper.document.status in CLOSED for paper in papers)


def paper_panel(subject: Subject, user: User) -> PaperPanel | None:
    """Return the papers of a subject for who may read them; two queries."""
    if not can_read(user, subject):
        return None
    papers = list(JourneyPaper.objects.filter(document__subject=subject.name).for_list())
    jobs_ = list(Job.objects.filter(subject=subject.name).order_by("-pk")[:20])
    states = []
    for code in subject.kinds:
        own = [paper for paper in papers if paper.document.kind == code]
        latest = next((job for job in jobs_ if job.kind == code), None)
        states.append(
            PaperState(
                kind=KINDS[code],
                make_url=_make_url(subject, code),
                job=latest if latest and latest.state in WAITING else None,
                failed=latest if latest and latest.state == Job.State.FAILED else None,
                newest=own[0] if own else None,
                older=tuple(own[1:11]),
            )
        )
    return PaperPanel(subject.url, tuple(states), can_make(user, subject), can_issue(user, subject))


def _make_url(subject: Subject, kind: str) -> str:
    if subject.proposal:
        return reverse("assessments:proposal_paper", args=[subject.proposal.pk, kind])
    if subject.plenary:
        return reverse("assessments:plenary_paper", args=[subject.plenary.pk])
    if subject.building:
        return reverse("assessments:building_paper", args=[subject.building.pk])
    if subject.monitoring:
        return reverse("assessments:monitoring_paper", args=[subject.monitoring.pk])
    return reverse("assessments:conditions_paper", args=[subject.unit.pk, subject.period.pk])
