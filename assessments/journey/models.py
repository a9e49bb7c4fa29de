"""The journey's rows: candidacies, conditions, proposals, national results, predicates."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.journey.rules import MONITORING_YEARS, years_later
from assessments.journey.rules import Phase as PhaseCode
from assessments.models.evidence import Evidence
from assessments.models.worksheets import Period, Predicate
from units.models import Unit


def _person(**kwargs) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", **kwargs
    )


class Candidacy(models.Model):
    """A unit's way through one period, apart from its worksheet's own states.

    Made at the first act of the year. The designation by the Eselon I (``designated_on`` and the
    decree) may come before or during the building phase, so it is a fact and not a phase.
    """

    class Phase(models.TextChoices):
        PREPARING = PhaseCode.PREPARING.value, _("Persiapan")
        BUILDING = PhaseCode.BUILDING.value, _("Pembangunan")
        PROPOSED = PhaseCode.PROPOSED.value, _("Diusulkan ke TPN")
        NATIONAL = PhaseCode.NATIONAL.value, _("Evaluasi TPN")
        AWARDED = PhaseCode.AWARDED.value, _("Berpredikat")
        COACHED = PhaseCode.COACHED.value, _("Pembinaan")
        REVOKED = PhaseCode.REVOKED.value, _("Predikat dicabut")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="candidacies")
    period = models.ForeignKey(Period, models.PROTECT, related_name="candidacies")
    phase = models.CharField(max_length=10, choices=Phase)
    phase_changed_at = models.DateTimeField(default=timezone.now)
    phase_changed_by = _person()
    reason = models.TextField(blank=True)
    designated_on = models.DateField(null=True)
    decree_number = models.CharField(max_length=120, blank=True)
    decree_signer = models.CharField(max_length=150, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "period"], name="candidacy_once"),
            models.CheckConstraint(
                name="candidacy_known_phase",
                condition=Q(phase__in=[one.value for one in PhaseCode]),
            ),
            models.CheckConstraint(
                name="candidacy_designation_has_decree",
                condition=Q(designated_on=None, decree_number="")
                | (Q(designated_on__isnull=False) & ~Q(decree_number="")),
            ),
        ]
        indexes = [models.Index(fields=["period", "phase"], name="candidacy_by_phase")]

    def __str__(self) -> str:
        return f"{self.unit.label} {self.period}"


class JourneyDocument(models.Model):
    """A paper of the way, kept in the unit's evidence: which act brought it."""

    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="documents")
    act = models.CharField(max_length=25)
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    added_by = _person()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["candidacy", "act", "evidence"], name="journey_document_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.evidence)


class Verdict(models.TextChoices):
    """What is said of a condition; blank is "not judged", which is not "passed"."""

    UNJUDGED = "", _("Belum dinilai")
    PASSED = "passed", _("Terpenuhi")
    FAILED = "failed", _("Belum terpenuhi")
    NOT_APPLICABLE = "n/a", _("Tidak berlaku")


class EligibilityCheck(models.Model):
    """One condition outside the score in one period: value, proof, verdict, who and when.

    ``unit`` is None for a condition of the ministry, judged once for all its units; a unit's own
    row for such a condition carries nothing but the exception granted to that unit.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="eligibility_checks")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="eligibility_checks")
    scope = models.CharField(max_length=10)
    code = models.CharField(max_length=40)
    value = models.CharField(_("nilai atau keadaan"), max_length=200, blank=True)
    proof = models.CharField(_("bukti"), max_length=300, blank=True)
    proof_file = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="+"
    )
    verdict = models.CharField(_("putusan"), max_length=6, choices=Verdict, blank=True)
    note = models.TextField(_("catatan"), blank=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = _person()
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = _person()
    exception_basis = models.CharField(max_length=40, blank=True)
    exception_reason = models.TextField(blank=True)
    exception_proof = models.CharField(max_length=300, blank=True)
    excepted_at = models.DateTimeField(null=True)
    excepted_by = _person()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "unit", "scope", "code"],
                name="eligibility_check_once",
            ),
            models.UniqueConstraint(
                fields=["period", "scope", "code"],
                condition=Q(unit=None),
                name="eligibility_check_once_for_house",
            ),
            models.CheckConstraint(
                name="eligibility_verdict_has_judge",
                condition=Q(verdict="", judged_at=None, judged_by=None)
                | (~Q(verdict="") & Q(judged_at__isnull=False, judged_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="eligibility_exception_is_documented",
                condition=Q(excepted_at=None, excepted_by=None, exception_reason="")
                | (
                    Q(excepted_at__isnull=False, excepted_by__isnull=False, unit__isnull=False)
                    & ~Q(exception_reason="")
                    & ~Q(exception_proof="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.code}"


class Proposal(models.Model):
    """A letter of proposal (surat usulan) with the statement of responsibility (SPTJM).

    Number and date come with the signed paper, so a letter that is still being prepared has none.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="proposals")
    number = models.CharField(_("nomor surat usulan"), max_length=120, blank=True)
    dated_on = models.DateField(_("tanggal surat usulan"), null=True, blank=True)
    signer_name = models.CharField(_("penanda tangan"), max_length=150)
    signer_position = models.CharField(_("jabatan penanda tangan"), max_length=150)
    sptjm_number = models.CharField(_("nomor SPTJM"), max_length=120, blank=True)
    sptjm_on = models.DateField(_("tanggal SPTJM"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = _person()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="proposal_number_once"
            ),
            models.CheckConstraint(
                name="proposal_number_with_day",
                condition=Q(number="", dated_on=None) | (~Q(number="") & Q(dated_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="proposal_statement_with_day",
                condition=Q(sptjm_number="", sptjm_on=None)
                | (~Q(sptjm_number="") & Q(sptjm_on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.number or _("Konsep surat usulan {n}").format(n=self.pk)


class ProposalLine(models.Model):
    """A unit in a letter of proposal: with what target, total and exceptions it went up."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="lines")
    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="lines")
    target = models.CharField(max_length=10, choices=Predicate)
    total = models.DecimalField(max_digits=9, decimal_places=6)
    exceptions = models.JSONField(default=list)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = _person()
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["candidacy"],
                condition=Q(withdrawn_at=None),
                name="proposal_line_once",
            ),
            models.CheckConstraint(
                name="proposal_withdrawal_has_reason",
                condition=Q(withdrawn_at=None, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal}: {self.candidacy.unit.label}"


class NationalStage(models.TextChoices):
    """The stages of the national team."""

    ADMINISTRATION = "administration", _("Seleksi administrasi")
    OBJECTION = "objection", _("Sanggah")
    DESK = "desk", _("Desk evaluasi")
    SURVEY = "survey", _("Survei eksternal")
    FIELD = "field", _("Evaluasi lapangan")
    PANEL = "panel", _("Panel")


class StageResult(models.Model):
    """The result of one national stage."""

    candidacy = models.ForeignKey(Candidacy, models.PROTECT, related_name="stage_results")
    stage = models.CharField(max_length=15, choices=NationalStage)
    passed = models.BooleanField()
    on = models.DateField()
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = _person()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["candidacy", "stage"], name="stage_result_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.passed}"


class PredicateAward(models.Model):
    """A predicate that a unit holds, by decree of the ministry or of the nation, until revoked."""

    class Track(models.TextChoices):
        MINISTRY = "ministry", _("Kementerian")
        NATIONAL = "national", _("Nasional")

    candidacy = models.OneToOneField(Candidacy, models.PROTECT, related_name="award")
    predicate = models.CharField(max_length=10, choices=Predicate)
    track = models.CharField(max_length=10, choices=Track)
    decree_number = models.CharField(max_length=120)
    decided_on = models.DateField()
    next_monitoring_on = models.DateField()
    revoked_on = models.DateField(null=True)
    revocation_number = models.CharField(max_length=120, blank=True)
    revocation_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="award_revocation_has_reason",
                condition=Q(revoked_on=None, revocation_reason="")
                | (Q(revoked_on__isnull=False) & ~Q(revocation_reason="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.predicate} {self.decree_number}"

    @property
    def is_monitored(self) -> bool:
        """Tell whether somebody has looked since: the next look is then later than the first."""
        return self.next_monitoring_on > years_later(self.decided_on, MONITORING_YEARS)


class Monitoring(models.Model):
    """A look at a unit that holds a predicate, due every two years."""

    class Outcome(models.TextChoices):
        KEPT = "kept", _("Predikat dipertahankan")
        COACHING = "coaching", _("Perlu pembinaan")

    award = models.ForeignKey(PredicateAward, models.PROTECT, related_name="monitorings")
    on = models.DateField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = _person()

    class Meta:
        ordering = ("on", "pk")

    def __str__(self) -> str:
        return f"{self.award} {self.on}"


class PactSignature(models.Model):
    """One member of staff who signed the integrity pact of a unit."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pact_signatures")
    name = models.CharField(max_length=150)
    nip = models.CharField(max_length=18, blank=True)
    signed_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = _person()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "nip"], condition=~Q(nip=""), name="pact_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return self.name
