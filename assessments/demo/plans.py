"""The demo's work plans: a year begun from the worksheet, some of it done, some of it late."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.demo import files, source
from assessments.demo.clock import StoryClock
from assessments.demo.organisation import Organisation
from assessments.demo.story import Story
from assessments.journey import building
from assessments.models import Activity, Evidence, EvidenceUse
from assessments.workplan import services
from units.access import AREA_ROLES, Role
from units.models import Unit
from units.services.figures import record_figures

LAG = timedelta(days=9)
"""Who is late by less than this has not reported yet; what is older was done, but for a few."""
EVERY_LATE = 7


def tell_plans(story: Story, everybody: Organisation, clock: StoryClock) -> None:
    """Let units plan their year; one of them in full, with proof from its library."""
    told = source.read("plans")
    for code, spec in told.items():
        unit = everybody.units[code]
        lead = everybody.person(code, Role.ZI_LEAD)
        _year(story.year - 1, unit, lead, spec, clock, is_past=True)
        _year(story.year, unit, lead, spec, clock, is_past=False, until=story.today)
        if "scans" in spec:
            _scans(unit, lead, spec["scans"], clock)
        for ago, figures in enumerate(spec.get("figures", ()), start=1):
            clock.go_to(date(story.year, 2, 2), 10)
            record_figures(unit=unit, year=story.year - ago, by=lead, **figures)
        for look in spec.get("looks", ()):
            _look(story, unit, everybody, look, clock)


def _scans(unit: Unit, lead, names: dict[str, str], clock: StoryClock) -> None:
    """Keep charter and pact as they were scanned on the day after the declaration."""
    pledge = unit.pledge
    clock.go_to(pledge.declared_on + timedelta(days=1), 10)
    for kind, title in names.items():
        content = files.pdf(title, [unit.name, f"Nomor {pledge.charter_number}"], [pledge.place])
        upload = SimpleUploadedFile(f"{title}.pdf", content, "application/pdf")
        building.add_scan(unit=unit, kind=kind, upload=upload, by=lead)


def _look(story: Story, unit: Unit, everybody: Organisation, look: dict, clock: StoryClock) -> None:
    """Tell a look at the building phase, some days before today."""
    day = story.running().day(look["day"])
    clock.go_to(day, 14)
    who = look["by"]
    by = everybody.people.get(who) or everybody.person(unit.code, who)
    building.record_monitoring(
        unit=unit,
        by=by,
        on=day,
        starts_on=date(day.year, 1, 1),
        ends_on=day,
        method=look["method"],
        summary=look["summary"],
        advice=look["advice"],
        findings={area: tuple(texts) for area, texts in look["findings"].items()},
    )


def _year(
    year: int,
    unit: Unit,
    lead,
    spec: dict,
    clock: StoryClock,
    *,
    is_past: bool,
    until: date | None = None,
) -> None:
    clock.go_to(date(year, 1, 8), 9)
    services.record_team(
        unit=unit, year=year, by=lead, number=spec["decree"].format(y=year), dated_on=clock.today
    )
    for area, texts in spec["targets"].items():
        initial, target, result = texts
        if not is_past:
            initial, result = result, ""
        services.write_target(
            unit=unit, year=year, area=area, by=lead, initial=initial, target=target, result=result
        )
    people = _people(unit)
    for month, area, title, output, codes in spec["activities"]:
        day = date(year, month, 24)
        rows = services.instrument_for(unit, year).indicators.filter(code__in=codes)
        services.save_activity(
            unit=unit,
            by=lead,
            area=area,
            title=title,
            output=output,
            due_on=day,
            owner=people.get(area, lead),
            owner_name="",
            indicators=rows,
        )
    if not is_past:
        areas = spec.get("begin", [])
        if areas:
            services.begin_from_instrument(
                unit=unit, year=year, by=lead, areas=areas, first_month=2, last_month=11
            )
    _report(unit, year, lead, clock, until or date(year + 1, 1, 31))


def _people(unit: Unit) -> dict:
    """Return who answers for each area of a unit: its coordinators."""
    held = unit.memberships.in_force().filter(role__in=AREA_ROLES).exclude(area="")
    return {row.area: row.user for row in held.select_related("user")}


def _report(unit: Unit, year: int, lead, clock: StoryClock, until: date) -> None:
    """Let what was due be reported, with what stands beside its rows in the worksheet."""
    uses = EvidenceUse.objects.filter(assessment__unit=unit).order_by("pk")
    beside = dict(uses.values_list("indicator__code", "evidence"))
    pieces = Evidence.objects.in_bulk(set(beside.values()))
    due = Activity.objects.of_year(unit, year).filter(due_on__lt=until).select_related("owner")
    for number, activity in enumerate(due.prefetch_related("indicators")):
        if until - activity.due_on < LAG or (until.year == year and number % EVERY_LATE == 3):
            continue
        proof = next(
            (pieces[beside[row.code]] for row in activity.indicators.all() if row.code in beside),
            None,
        )
        clock.go_to(activity.due_on, 15)
        services.finish_activity(
            activity=activity,
            by=activity.owner or lead,
            proof=proof,
            reason="" if proof else "Terlaksana; dokumennya disimpan di bagian tata usaha.",
        )
