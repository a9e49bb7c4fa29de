"""What waits for a person in the worksheets: the tasks of his rank, his unit, his office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.catalog import catalog_of
from assessments.models import (
    Answer,
    Assessment,
    Comment,
    PredicateAward,
    Rank,
    RowState,
    State,
    TeamMember,
    Track,
)
from assessments.permissions import RANK_OF_STATE, place_of
from assessments.windows.reading import due_of, is_closed, opens_later
from assessments.workplan.tasks import plan_tasks
from units.access import Permission, Role, access_of
from units.models import User
from zona.templatetags.zona_numbers import moment
from zona.worklist import Task, TaskList, Tone

MONITORED_AHEAD = timedelta(days=30)
OPEN_STATES = [state for state in State.values if state != State.FINAL]


def tasks_of(user: User) -> TaskList | None:
    """Return everything in the worksheets that waits for a person; at most ten queries."""
    access = access_of(user)
    tasks = [*_team_tasks(user), *_mention_tasks(user)]
    if access.is_itjen:
        tasks += _objection_tasks(user)
    if access.unit_grants:
        tasks += [*_unit_tasks(user), *plan_tasks(user)]
    if Role.SECRETARIAT in access.roles:
        tasks += [*_secretariat_tasks(), *_monitoring_tasks()]
    if Role.ESELON1_COORDINATOR in access.roles:
        tasks += _forwarding_tasks(user)
    return TaskList(tuple(tasks)) if tasks else None


def _open_worksheets():
    return (
        Assessment.objects.newest_versions()
        .filter(state__in=OPEN_STATES, period__is_open=True)
        .with_window()
        .select_related("unit", "period", "instrument")
        .defer("instrument__document")
    )


def _row_counts(assessments: Iterable[Assessment], track: str, **conditions) -> Counter:
    """Count rows by (worksheet, section, review state); one query."""
    rows = (
        Answer.objects.filter(assessment__in=list(assessments), track=track, **conditions)
        .values_list("assessment", "indicator__section", "review_state")
        .annotate(rows=Count("pk"))
    )
    return Counter({(pk, section, state): count for pk, section, state, count in rows})


def _team_tasks(user: User) -> Iterator[Task]:
    sheets = list(_open_worksheets().filter(team__user=user).with_place_of(user))
    counts = _row_counts(sheets, Track.TPI) if sheets else Counter()
    for sheet in sheets:
        place = place_of(user, sheet)
        if place is None:
            continue
        rank = RANK_OF_STATE.get(sheet.state)
        where = _where(sheet)
        if rank is None:
            if sheet.state == State.REPAIR:
                yield Task(
                    _("Tunggu perbaikan {unit}").format(unit=sheet.unit.label),
                    _home(sheet),
                    where,
                    icon="hourglass",
                    since=sheet.state_changed_at,
                    due=sheet.repair_due,
                    by_others=True,
                )
            continue
        if place.rank != rank:
            yield Task(
                _("Tunggu {rank} menyelesaikan {unit}").format(
                    rank=Rank(rank).label.lower(), unit=sheet.unit.label
                ),
                _home(sheet),
                where,
                icon="hourglass",
                since=sheet.state_changed_at,
                **_ends(sheet),
                by_others=True,
            )
            continue
        yield _review_task(sheet, place, rank, counts, where)


def _review_task(sheet: Assessment, place, rank: str, counts: Counter, where: str) -> Task:
    """Return the task of whoever holds the worksheet now, in the words of what is left."""
    sections = [section.code for section in catalog_of(sheet.instrument).sections]
    if place.areas and place.rank == Rank.MEMBER:
        sections = [code for code in sections if code in place.areas]
    left = {
        state: sum(counts[sheet.pk, code, state] for code in sections)
        for state in (RowState.UNREVIEWED, RowState.REPAIRED, RowState.NEEDS_REPAIR)
    }
    again = left[RowState.REPAIRED] + left[RowState.NEEDS_REPAIR]
    if again:
        title = ngettext(
            "Periksa ulang {n} butir {unit}", "Periksa ulang {n} butir {unit}", again
        ).format(n=again, unit=sheet.unit.label)
        url, icon, tone = _home(sheet), "undo-2", Tone.WARN
    elif left[RowState.UNREVIEWED]:
        title = _("Periksa {n} butir {unit}").format(
            n=left[RowState.UNREVIEWED], unit=sheet.unit.label
        )
        url, icon, tone = _home(sheet), "list-checks", Tone.INFO
    elif rank == Rank.QUALITY:
        title = _("Tetapkan hasil {unit}").format(unit=sheet.unit.label)
        url, icon, tone = _home(sheet), "badge-check", Tone.INFO
    else:
        title = _("Teruskan {unit} ke jenjang berikutnya").format(unit=sheet.unit.label)
        url, icon, tone = _home(sheet), "send", Tone.INFO
    return Task(
        title,
        url,
        where,
        icon=icon,
        tone=tone,
        since=sheet.state_changed_at,
        **_ends(sheet),
    )


def _unit_tasks(user: User) -> Iterator[Task]:
    access = access_of(user)
    units = {grant.unit_id for grant in access.unit_grants}
    sheets = list(_open_worksheets().filter(unit__in=units).annotate(done=Count("finished_areas")))
    drafts = [sheet for sheet in sheets if sheet.state == State.DRAFT]
    repairs = [sheet for sheet in sheets if sheet.state == State.REPAIR]
    blank = (
        _row_counts(drafts, Track.UNIT, choice="", inputs__isnull=True, awaits_data=False)
        if drafts
        else Counter()
    )
    returned = (
        _row_counts(repairs, Track.TPI, review_state=RowState.NEEDS_REPAIR)
        if repairs
        else Counter()
    )
    for sheet in sheets:
        if sheet.state == State.DRAFT:
            yield from _draft_tasks(user, sheet, blank)
        elif sheet.state == State.REPAIR:
            yield from _repair_tasks(user, sheet, returned)
        else:
            yield Task(
                _("Tunggu penilaian TPI"),
                reverse("assessments:dashboard", args=[sheet.pk]),
                _where(sheet),
                icon="hourglass",
                since=sheet.state_changed_at,
                by_others=True,
            )


def _draft_tasks(user: User, sheet: Assessment, blank: Counter) -> Iterator[Task]:
    access = access_of(user)
    if is_closed(sheet):
        yield _closed_task(sheet)
        return
    areas = access.areas(Permission.UNIT_TRACK_WRITE, sheet.unit)
    sections = [
        section
        for section in catalog_of(sheet.instrument).sections
        if areas is None or section.code in areas
    ]
    left = {section: _of_section(blank, sheet, section.code) for section in sections}
    count = sum(left.values())
    if count and access.has(Permission.UNIT_TRACK_WRITE, sheet.unit):
        first = next(section for section in sections if left[section])
        yield Task(
            _("Jawab {n} butir penilaian mandiri").format(n=count),
            reverse("assessments:worksheet", args=[sheet.pk, first.code]) + "?saring=belum",
            _where(sheet),
            icon="pencil-line",
            tone=Tone.INFO,
            since=sheet.state_changed_at,
            **_ends(sheet),
        )
    elif access.has(Permission.UNIT_AREA_FINISH, sheet.unit):
        if sheet.done < len(catalog_of(sheet.instrument).sections):
            yield Task(
                _("Tandai area yang sudah selesai"),
                _home(sheet),
                _where(sheet),
                icon="list-checks",
                since=sheet.state_changed_at,
                **_ends(sheet),
            )
        elif access.has(Permission.ASSESSMENT_SUBMIT, sheet.unit):
            yield Task(
                _("Ajukan penilaian mandiri ke TPI"),
                _home(sheet),
                _where(sheet),
                icon="send",
                tone=Tone.INFO,
                since=sheet.state_changed_at,
                **_ends(sheet),
            )


def _repair_tasks(user: User, sheet: Assessment, returned: Counter) -> Iterator[Task]:
    access = access_of(user)
    count = sum(number for (pk, _section, _state), number in returned.items() if pk == sheet.pk)
    if count and access.has(Permission.UNIT_TRACK_WRITE, sheet.unit):
        yield Task(
            _("Perbaiki {n} butir yang dikembalikan").format(n=count),
            _home(sheet),
            _where(sheet),
            icon="undo-2",
            tone=Tone.WARN,
            since=sheet.state_changed_at,
            **_ends(sheet),
            urgent=True,
        )
    elif access.has(Permission.ASSESSMENT_SUBMIT, sheet.unit):
        yield Task(
            _("Selesaikan perbaikan"),
            _home(sheet),
            _where(sheet),
            icon="send",
            tone=Tone.WARN,
            since=sheet.state_changed_at,
            **_ends(sheet),
            urgent=True,
        )


def _secretariat_tasks() -> Iterator[Task]:
    waiting = Q(state=State.FORWARDED) | Q(state=State.SUBMITTED, period__needs_forwarding=False)
    for sheet in _open_worksheets().filter(waiting).annotate(places=Count("team")):
        ready = sheet.places >= len(Rank) and sheet.assignment_id is not None
        yield Task(
            (_("Mulai evaluasi {unit}") if ready else _("Susun tim {unit}")).format(
                unit=sheet.unit.label
            ),
            reverse("assessments:team_detail", args=[sheet.pk]) if not ready else _home(sheet),
            _where(sheet),
            icon="send" if ready else "users",
            tone=Tone.INFO,
            since=sheet.state_changed_at,
            due=sheet.period.evaluation_due,
        )


def _monitoring_tasks() -> Iterator[Task]:
    """Yield the predicates whose look is due within a month, or overdue; one query."""
    soon = timezone.localdate() + MONITORED_AHEAD
    awards = PredicateAward.objects.filter(revoked_on=None, next_monitoring_on__lte=soon)
    for award in awards.select_related("candidacy__unit").order_by("next_monitoring_on")[:20]:
        candidacy = award.candidacy
        yield Task(
            _("Pantau predikat {unit}").format(unit=candidacy.unit.label),
            reverse("assessments:journey_detail", args=[candidacy.unit_id, candidacy.period_id]),
            f"{candidacy.unit.name} · {award.predicate} {award.decree_number}",
            icon="badge-check",
            tone=Tone.INFO,
            due=award.next_monitoring_on,
        )


def _forwarding_tasks(user: User) -> Iterator[Task]:
    reach = access_of(user).units_q(Permission.ASSESSMENT_FORWARD, "unit__")
    sheets = _open_worksheets().filter(state=State.SUBMITTED, period__needs_forwarding=True)
    for sheet in sheets if reach is None else sheets.filter(reach):
        yield Task(
            _("Teruskan atau kembalikan {unit}").format(unit=sheet.unit.label),
            _home(sheet),
            _where(sheet),
            icon="send",
            tone=Tone.INFO,
            since=sheet.state_changed_at,
            due=sheet.period.evaluation_due,
        )


def _objection_tasks(user: User) -> Iterator[Task]:
    """Yield the objections that wait for the person's answer, or for a new version."""
    sheets = Assessment.objects.newest_versions().filter(state=State.FINAL, period__closed_at=None)
    sheets = sheets.select_related("unit", "period").defer("without_self_reason")
    places = TeamMember.objects.filter(user=user).exclude(rank=Rank.MEMBER)
    mine = sheets.filter(pk__in=places.values("assessment"))
    waiting = Count("objections", filter=Q(objections__verdict=""), distinct=True)
    for sheet in mine.annotate(waiting=waiting, since=Max("objections__at")).filter(waiting__gt=0):
        yield Task(
            _("Jawab {n} sanggah {unit}").format(n=sheet.waiting, unit=sheet.unit.label),
            reverse("assessments:objection_list", args=[sheet.pk]),
            _where(sheet),
            icon="scale",
            tone=Tone.WARN,
            since=sheet.since,
        )
    if Role.SECRETARIAT not in access_of(user).roles:
        return
    accepted = Count("objections", filter=Q(objections__verdict="accepted"), distinct=True)
    last = Max("objections__answered_at")
    for sheet in sheets.annotate(accepted=accepted, since=last).filter(accepted__gt=0):
        yield Task(
            _("Buat versi baru {unit}: {n} sanggah diterima").format(
                unit=sheet.unit.label, n=sheet.accepted
            ),
            reverse("assessments:transition", args=[sheet.pk, "new_version"]),
            _where(sheet),
            icon="scale",
            tone=Tone.WARN,
            since=sheet.since,
        )


def _mention_tasks(user: User) -> Iterator[Task]:
    """Yield the rows on which somebody called the person, until he has read it there."""
    readable = Comment.objects.visible_to(user).filter(
        mentions__user=user, mentions__read_at=None, answers__resolved_at=None, resolved_at=None
    )
    found = readable.select_related("by", "indicator", "assessment__unit", "assessment__period")
    rows: dict[tuple[int, str], Comment] = {}
    for comment in found.defer("text").order_by("pk"):
        rows.setdefault((comment.assessment_id, comment.indicator.code), comment)
    for (_sheet, code), comment in rows.items():
        yield Task(
            _("{name} menyebut Anda pada butir {code}").format(name=comment.by, code=code),
            f"{_home(comment.assessment)}?butir={code}",
            _where(comment.assessment),
            icon="message-square",
            tone=Tone.INFO,
            since=comment.at,
        )


def _closed_task(sheet: Assessment) -> Task:
    """Return what stands in place of the work on a self-assessment whose window is not open."""
    opens = opens_later(sheet)
    title = _("Penilaian mandiri sudah ditutup; minta perpanjangan kepada Sekretariat TPI")
    if opens:
        title = _("Penilaian mandiri dibuka {moment}").format(moment=moment(opens))
    return Task(
        title,
        _home(sheet),
        _where(sheet),
        icon="lock",
        tone=Tone.PLAIN if opens else Tone.WARN,
        since=sheet.state_changed_at,
        by_others=opens is not None,
        **({} if opens else _ends(sheet)),
    )


def _ends(sheet: Assessment) -> dict:
    """Return the end of a worksheet's present step as a task takes it, with the unit's zone."""
    due = due_of(sheet)
    return {"due": due.ends, "zone": sheet.unit.time_zone} if due else {}


def _of_section(counts: Counter, sheet: Assessment, section: str) -> int:
    return sum(
        number for (pk, code, _state), number in counts.items() if (pk, code) == (sheet.pk, section)
    )


def _home(sheet: Assessment) -> str:
    return reverse("assessments:worksheet_home", args=[sheet.pk])


def _where(sheet: Assessment) -> str:
    return f"{sheet.unit.name} · {sheet.period.name}"
