"""What the pages of those who manage surveys show, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys import permissions, statistics, tally
from surveys.index import Kind
from surveys.models import (
    FLAG_LABELS,
    ExternalIndex,
    Flag,
    Mode,
    ResponseComment,
    Result,
    State,
    Status,
    Survey,
    SurveyPart,
    Tally,
    Token,
)
from surveys.models.questionnaires import INDEX_NAMES
from surveys.reports import GATES4
from surveys.sheet import parts_of
from units.models import Unit, User
from zona.charts import Chart, Level, Point, trend
from zona.models import AuditEntry
from zona.templatetags.zona_numbers import write_number

HISTORY_SHOWN = 12
FACTS = {
    "survey.created": gettext_lazy("Survei direncanakan"),
    "survey.changed": gettext_lazy("Rencana diubah"),
    "survey.opened": gettext_lazy("Survei dibuka"),
    "survey.closed": gettext_lazy("Survei ditutup"),
    "survey.locked": gettext_lazy("Hasil dikunci"),
    "survey.reopened": gettext_lazy("Hasil dibuka kembali"),
    "survey.published": gettext_lazy("Hasil dipublikasikan"),
    "survey.feeds_worksheet": gettext_lazy("Dipakai untuk LKE"),
    "survey.answers_judged": gettext_lazy("Jawaban diputuskan"),
    "survey.answers_imported": gettext_lazy("Jawaban diimpor"),
    "survey.answers_erased": gettext_lazy("Jawaban satuan dihapus"),
    "survey.tokens_made": gettext_lazy("Token dibuat"),
    "survey.improvement": gettext_lazy("Tindak lanjut direncanakan"),
    "survey.improvement_done": gettext_lazy("Tindak lanjut selesai"),
}


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service of a survey: answers so far, how many it should get, how many it served."""

    name: str
    answered: int
    share: int | None
    population: int | None

    @property
    def missing(self) -> int:
        """How many answers are missing to its share."""
        return max(0, (self.share or 0) - self.answered)


@dataclass(frozen=True, slots=True)
class FlagLine:
    """One kind of oddness: its name, its number for filters, how often."""

    label: str
    flag: int
    count: int


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of a survey in words: what, details, who, when."""

    what: str
    detail: str
    by: str
    at: Any


@dataclass(frozen=True, slots=True)
class PartLine:
    """A questionnaire of a survey with its locked result, if there is one."""

    part: SurveyPart
    result: Result | None


@dataclass(frozen=True, slots=True)
class SurveyPage:
    """A survey for those who manage it: how far it is, what is odd, what can be done now."""

    survey: Survey
    parts: tuple[PartLine, ...]
    answered: int
    target: int
    needed: statistics.Target | None
    services: tuple[ServiceLine, ...]
    modes: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int], ...]
    flags: tuple[FlagLine, ...]
    new_comments: int
    tokens: tuple[int, int]
    history: tuple[HistoryLine, ...]
    public_url: str
    days_left: int
    is_begun: bool
    can_manage: bool
    can_edit: bool
    can_see_answers: bool
    can_export: bool

    @property
    def missing(self) -> int:
        """How many answers are missing to the target."""
        return max(0, self.target - self.answered)

    @property
    def flagged(self) -> int:
        """How many flags there are; one answer may have several."""
        return sum(line.count for line in self.flags)

    @property
    def percent(self) -> int:
        """How much of the target is reached, 0..100."""
        return min(100, 100 * self.answered // self.target) if self.target else 0

    @property
    def is_over(self) -> bool:
        """Tell whether the last day of an open survey has passed."""
        return self.survey.state == State.OPEN and self.days_left < 0


def survey_page(survey: Survey, user: User, *, site: str) -> SurveyPage:
    """Return all that the page of a survey shows; at most seven queries."""
    sums = Tally.objects.get(survey=survey).sums
    today = timezone.localdate()
    parts = parts_of(survey)
    newest = _newest_results(survey, parts) if survey.has_result else {}
    counted = _token_counts(survey) if survey.needs_token else (0, 0)
    comments = ResponseComment.objects.filter(survey=survey, state=ResponseComment.State.NEW)
    return SurveyPage(
        survey=survey,
        parts=tuple(PartLine(part, newest.get(part.pk)) for part in parts),
        answered=tally.count(sums, tally.VALID),
        target=survey.target,
        needed=statistics.target(survey.population, statistics.Method(survey.method))
        if survey.population
        else None,
        services=tuple(service_lines(survey, sums)),
        modes=tuple(
            (str(label), count)
            for mode, label in Mode.choices
            if (count := tally.group_sizes(sums, "mode").get(mode))
        ),
        left_out=tuple(
            (str(Status(status).label), count)
            for status, count in sorted(sums["status"].items())
            if status != tally.VALID
        ),
        flags=tuple(flag_lines(sums)),
        new_comments=comments.count(),
        tokens=counted,
        history=tuple(history_of(survey)),
        public_url=site + survey.public_path,
        days_left=(survey.closes_on - today).days,
        is_begun=survey.opens_on <= today,
        can_manage=permissions.can_manage(user, survey.unit),
        can_edit=permissions.can_edit(user, survey),
        can_see_answers=permissions.can_see_answers(user, survey.unit),
        can_export=permissions.can_export(user, survey.unit),
    )


def _newest_results(survey: Survey, parts: Sequence[SurveyPart]) -> dict[int, Result]:
    """Return the results that hold, by part, each knowing its part."""
    by_key = {part.pk: part for part in parts}
    rows = Result.objects.newest().filter(part__survey=survey).defer("document", "details")
    found = {row.part_id: row for row in rows}
    for key, row in found.items():
        row.part = by_key[key]
    return found


def _token_counts(survey: Survey) -> tuple[int, int]:
    """Return how many tokens were used and how many were made."""
    counted = Token.objects.filter(survey=survey).aggregate(
        made=Count("pk"), used=Count("pk", filter=Q(is_used=True))
    )
    return counted["used"], counted["made"]


def service_lines(survey: Survey, sums: tally.Sums):
    """Yield every service of a survey with its answers and its share of the target."""
    rows = list(survey.covered.select_related("service"))
    known = [row.population or 0 for row in rows]
    shares = statistics.allocate(survey.target, known) if rows and all(known) else None
    sizes = tally.group_sizes(sums, "service")
    for place, row in enumerate(rows):
        yield ServiceLine(
            name=row.service.name,
            answered=sizes.get(str(row.service_id), 0),
            share=shares[place] if shares else None,
            population=row.population,
        )


def flag_lines(sums: tally.Sums):
    """Yield what is odd about the answers, with how often."""
    for flag, label in FLAG_LABELS.items():
        found = sums["flags"].get(str(int(flag)))
        if found:
            yield FlagLine(str(label), int(Flag(flag)), found)


def history_of(survey: Survey):
    """Yield the newest steps of a survey from its unit's chain."""
    entries = AuditEntry.objects.filter(
        stream=survey.unit.audit_stream, target=survey.subject
    ).order_by("-seq")
    for entry in entries[:HISTORY_SHOWN]:
        yield HistoryLine(
            what=str(FACTS.get(entry.action, entry.action)),
            detail=_detail(entry),
            by=entry.actor_name,
            at=entry.at,
        )


def _detail(entry: AuditEntry) -> str:
    data = entry.data
    if entry.action == "survey.reopened":
        return data["reason"]
    if entry.action == "survey.locked":
        return _("%(kind)s %(index)s, %(count)s jawaban, versi %(version)s") % {
            "kind": data["kind"].upper(),
            "index": str(data["index4"]).replace(".", ","),
            "count": data["answered"],
            "version": data["version"],
        }
    if entry.action == "survey.closed" and data.get("by_date"):
        return _("hari terakhir lewat")
    if "count" in data:
        return _("%(count)s buah") % {"count": data["count"]}
    return ""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """An index of one year: the unit's own survey or an external one."""

    year: int
    kind: str
    index_name: str
    value: Any
    answered: int | None
    is_external: bool
    surveyor: str
    url: str
    is_valid: bool = True
    report_pk: int | None = None


def trend_lines(unit: Unit) -> list[TrendLine]:
    """Return every index of a unit that counts, newest year first; two queries."""
    own = [
        TrendLine(
            year=result.part.year,
            kind=result.part.kind,
            index_name=INDEX_NAMES[result.part.kind],
            value=result.index4,
            answered=result.answered,
            is_external=False,
            surveyor="",
            url=reverse("surveys:survey_result", args=[result.part.survey_id]),
            is_valid=result.is_valid,
        )
        for result in Result.objects.trend(unit).defer("document", "details")
    ]
    newest: dict[tuple[int, str], ExternalIndex] = {}
    for row in ExternalIndex.objects.filter(unit=unit).order_by("version"):
        newest[row.year, row.kind] = row
    external = [
        TrendLine(
            year=row.year,
            kind=row.kind,
            index_name=row.index_name,
            value=row.index4,
            answered=row.answered,
            is_external=True,
            surveyor=row.surveyor,
            url="",
            report_pk=row.pk,
        )
        for row in newest.values()
    ]
    return sorted([*own, *external], key=lambda line: (-line.year, line.kind, line.is_external))


def trend_charts(unit: Unit) -> list[Chart]:
    """Return one chart per kind with at least two years of the unit's own surveys."""
    by_kind: dict[str, list[TrendLine]] = {}
    for line in trend_lines(unit):
        if not line.is_external:
            by_kind.setdefault(line.kind, []).append(line)
    charts = []
    for kind, lines in by_kind.items():
        if len(lines) < 2:
            continue
        gates = GATES4.get(Kind(kind), ())
        charts.append(
            trend(
                f"tren-{kind}",
                [
                    Point(str(line.year), 25 * line.value, write_number(line.value, 2))
                    for line in reversed(lines)
                ],
                levels=[
                    Level(25 * gate, write_number(gate, 2), name, dashed=bool(place))
                    for place, (gate, name) in enumerate(zip(gates, ("WBK", "WBBM"), strict=False))
                ],
                title=_("%(name)s menurut tahun") % {"name": lines[0].index_name},
                row_name=_("Tahun"),
                value_name=lines[0].index_name,
            )
        )
    return charts
