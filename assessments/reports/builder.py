"""From the database to the evaluation report: the queries, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.dashboard.facts import row_efforts
from assessments.dashboard.ways import wishes_of
from assessments.journey.eligibility import checklist
from assessments.models import Answer, Assessment, Objection, Seal, Track
from assessments.models.worksheets import (
    CheckMethod,
    DocumentCheck,
    ImplementationCheck,
    Rank,
    Reason,
    RowState,
    State,
)
from assessments.reports.assembly import assemble
from assessments.reports.circumstances import (
    Circumstances,
    Condition,
    DocumentMark,
    House,
    ObjectionLine,
    Order,
    PeriodIdentity,
    Person,
    SheetRow,
    Stage,
    UnitIdentity,
)
from assessments.reports.evaluation import EvaluationReport
from units.access import Role
from units.models import Membership, Unit
from zona.letterhead import letterhead

SPIP = "Peraturan Pemerintah Nomor 60 Tahun 2008 tentang Sistem Pengendalian Intern Pemerintah."
"""The law under which every inspectorate evaluates; editions name their own regulations."""
SIGNING_RANKS = (Rank.LEAD, Rank.SUPERVISOR, Rank.QUALITY)
REPORT_TONES = {"is-ok": "ok", "is-info": "ok", "is-bad": "no"}
RANK_ORDER = (Rank.QUALITY, Rank.SUPERVISOR, Rank.LEAD, Rank.MEMBER)


def build_evaluation_report(assessment: Assessment, *, document: DocumentMark) -> EvaluationReport:
    """Return the report of a worksheet as it stands now; nine queries beside the catalog's.

    assessment: loaded by ``for_page``.
    Raises scoring.AnswerError when stored answers cannot be scored.
    """
    catalog = catalog_of(assessment.instrument)
    rows = _rows(assessment, catalog)
    wishes = wishes_of(row_efforts(assessment, catalog), assessment.period)
    return assemble(catalog.engine, rows, _circumstances(assessment, document), wishes)


def _rows(assessment: Assessment, catalog: Catalog) -> list[SheetRow]:
    tracks: dict[str, dict[str, Answer]] = {Track.UNIT: {}, Track.TPI: {}}
    for answer in Answer.objects.filter(assessment=assessment, track__in=tracks):
        tracks[answer.track][catalog.codes[answer.indicator_id]] = answer
    sealed = _sealed(assessment)
    rows = []
    for code, tpi in tracks[Track.TPI].items():
        own = tracks[Track.UNIT][code]
        unit = answer_value(own.choice, own.inputs)
        rows.append(
            SheetRow(
                code=code,
                sealed=unit if sealed is None else sealed.get(code),
                unit=unit,
                tpi=answer_value(tpi.choice, tpi.inputs),
                condition=tpi.condition,
                advice=tpi.advice,
                reason=Reason(tpi.reason),
                document=DocumentCheck(tpi.document_check),
                implementation=ImplementationCheck(tpi.implementation_check),
                method=str(CheckMethod(tpi.check_method).label).lower() if tpi.check_method else "",
                state=RowState(tpi.review_state),
            )
        )
    return rows


def _sealed(assessment: Assessment) -> dict[str, scoring.Answer] | None:
    """Return the unit's answers as it handed them in; None when it has not."""
    payload = (
        Seal.objects.filter(assessment=assessment, track=Track.UNIT, occasion="submit")
        .order_by("-pk")
        .values_list("payload", flat=True)
        .first()
    )
    if payload is None:
        return None
    answers: dict[str, scoring.Answer] = {}
    for code, row in json.loads(payload)["answers"].items():
        if "inputs" in row:
            answers[code] = {name: Decimal(number) for name, number in row["inputs"].items()}
        else:
            answers[code] = row.get("choice")
    return answers


def _circumstances(assessment: Assessment, document: DocumentMark) -> Circumstances:
    unit, period = assessment.unit, assessment.period
    text = assessment.instrument.document
    return Circumstances(
        house=house(),
        unit=UnitIdentity(
            code=unit.code,
            name=unit.name,
            parent=unit.parent.name if unit.parent else "",
            province=unit.province,
            zone=unit.time_zone,
        ),
        period=PeriodIdentity(period.name, period.year, period.evidence_from, period.evidence_to),
        instrument_title=str(assessment.instrument),
        instrument_code=assessment.instrument.code,
        regulation=_named(text["regulation"]),
        legal_basis=tuple(_legal_basis(text)),
        target=assessment.target,
        state_label=str(assessment.get_state_display()),
        is_final=assessment.is_final,
        version=assessment.version,
        submitted_at=assessment.submitted_at,
        finalized_at=assessment.finalized_at,
        computed_at=timezone.now(),
        without_self_reason=assessment.without_self_reason if assessment.without_self else "",
        order=_order(assessment),
        team=tuple(_team(assessment)),
        signer=_signer(),
        conditions=tuple(_conditions(assessment)),
        stages=tuple(_stages(assessment)),
        document=document,
        objections=tuple(_objections(assessment)),
    )


def _objections(assessment: Assessment) -> Iterable[ObjectionLine]:
    """Yield the objections to this version and to the one that it corrects."""
    versions = [pk for pk in (assessment.pk, assessment.supersedes_id) if pk]
    rows = Objection.objects.filter(assessment__in=versions).select_related("indicator")
    for row in rows.order_by("indicator__position", "pk"):
        yield ObjectionLine(row.indicator.code, row.text, row.at, row.state_label, row.answer)


def house() -> House:
    """Return the letterhead: the ministry at the root, the inspectorate just below it."""
    places = list(
        Unit.objects.filter(
            Q(level=Unit.Level.MINISTRY) | Q(kind=Unit.Kind.INSPECTORATE, level=Unit.Level.ESELON_1)
        ).values_list("level", "name")
    )
    lines = letterhead()
    return House(
        ministry=next((name for level, name in places if level == Unit.Level.MINISTRY), ""),
        office=next(
            (name for level, name in places if level == Unit.Level.ESELON_1),
            _("Inspektorat Jenderal"),
        ),
        address=lines.address,
        place=lines.place,
        is_demo=settings.ZONA_DEMO,
        logo=lines.logo,
    )


def _named(regulation: dict) -> str:
    """Return a regulation's kind with number and year, without its subject."""
    kind = regulation["title"].partition(" tentang ")[0]
    return _("%(kind)s Nomor %(number)s Tahun %(year)s") % {**regulation, "kind": kind}


def _legal_basis(text: dict) -> Iterable[str]:
    """Yield the regulations on which the report rests, each a sentence."""
    regulation = text["regulation"]
    yield SPIP
    subject = regulation["title"].partition(" tentang ")[2]
    yield _("%(name)s tentang %(subject)s.") % {"name": _named(regulation), "subject": subject}
    for amendment in text.get("amendments", ()):
        yield _("%(amending)s tentang perubahan atas %(amended)s.") % {
            "amending": _named({**regulation, **amendment}),
            "amended": _named(regulation),
        }


def _order(assessment: Assessment) -> Order | None:
    order = assessment.assignment
    if order is None:
        return None
    return Order(
        number=order.number,
        dated_on=order.dated_on,
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        basis=order.basis.strip().rstrip("."),
        signer_position=order.signer_position or _("Inspektur Jenderal"),
    )


def _team(assessment: Assessment) -> Iterable[Person]:
    """Yield the team, the highest rank first."""
    members = assessment.team.select_related("user")
    for member in sorted(members, key=lambda m: (RANK_ORDER.index(m.rank), str(m.user))):
        yield Person(
            role=str(member.get_rank_display()),
            name=str(member.user),
            nip=member.user.nip,
            position=member.user.position,
            sections=tuple(member.areas),
            has_assisted=member.assisted,
            signs=member.rank in SIGNING_RANKS,
        )


def _signer() -> Person | None:
    """Return the Inspector General in office; None when nobody holds the role."""
    held = Membership.objects.in_force().filter(role=Role.INSPECTOR_GENERAL, user__is_active=True)
    membership = held.select_related("user").order_by("valid_from", "pk").last()
    if membership is None:
        return None
    user = membership.user
    position = user.position or str(membership.get_role_display())
    return Person(role=position, name=str(user), nip=user.nip, position=position)


def _conditions(assessment: Assessment) -> Iterable[Condition]:
    """Yield the conditions outside the score that the target asks for, the institution's first."""
    period = assessment.period
    period.instrument = assessment.instrument
    for item in checklist(assessment.unit, period, assessment.target).items:
        yield Condition(
            label=item.condition.label,
            required=item.condition.required,
            is_of_unit=item.condition.is_of_unit,
            found=item.check.value if item.check else "",
            status=item.word,
            tone=REPORT_TONES.get(item.tone, "wait"),
        )


def _stages(assessment: Assessment) -> Iterable[Stage]:
    """Yield the stages of the round that the ministry itself holds."""
    period = assessment.period
    pledge = getattr(assessment.unit, "pledge", None)
    if pledge:
        yield Stage(_("Pencanangan"), "done", pledge.declared_on)
    is_sent = assessment.state != State.DRAFT
    yield Stage(
        _("Penilaian mandiri"),
        "done" if is_sent else "now",
        timezone.localdate(assessment.submitted_at)
        if assessment.submitted_at
        else period.self_assessment_due,
    )
    yield Stage(
        _("Evaluasi TPI"),
        "done" if assessment.is_final else "now" if is_sent else "next",
        timezone.localdate(assessment.finalized_at)
        if assessment.finalized_at
        else period.evaluation_due,
    )
    yield Stage(_("Usulan"), "now" if assessment.is_final else "next", period.proposal_due)
