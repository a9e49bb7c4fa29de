"""Answers collected elsewhere: read and checked for a preview, then added once, all or none."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from surveys.models import (
    Flag,
    ImportBatch,
    Response,
    ResponseComment,
    ResponseValue,
    State,
    Status,
    Survey,
)
from surveys.profile import profile
from surveys.public_form import ADVICE, SERVICE, STORY, TEXT_MAX
from surveys.services.submission import (
    NOTICE_VERSION,
    add_to_tally,
    answered,
    flags_of,
    lock_tally,
)
from surveys.sheet import Sheet, sheets_of
from units.models import User
from units.services.tree import lock_unit
from zona import audit, table_file

MONTH = "bulan"
FAULTS_KEPT = 100
CHUNK = 1000
UNSAID = "tidak_menyebut"
DASHES = str.maketrans("–—‑−", "----")
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])(-[0-3][0-9])?")


class ImportClosed(Exception):
    """The survey takes no answers from files: not open yet, or its result is locked."""


class AlreadyImported(Exception):
    """This very file was added before, or this preview was."""


class HeaderWrong(Exception):
    """Columns are missing or unknown; the text names them."""


@dataclass
class Columns:
    """Which column of the file holds what, by place."""

    service: int | None = None
    month: int | None = None
    advice: int | None = None
    story: int | None = None
    profile: dict[str, int] = field(default_factory=dict)
    questions: dict[int, int] = field(default_factory=dict)


def header_of(survey: Survey) -> list[str]:
    """Return the column names of the file to be filled in for a survey."""
    names = [SERVICE] if survey.asked_services else []
    names += [MONTH, *(item.code for item in profile().chosen(survey.profile_fields))]
    for sheet in sheets_of(survey):
        names += sheet.field_names
    return [*names, ADVICE, STORY]


@transaction.atomic
def preview_import(
    *, survey: Survey, name: str, content: bytes, mode: str, enumerator: str, by: User
) -> ImportBatch:
    """Read a file and keep what was read for a preview; nothing counts yet.

    Raises ImportClosed, TableFileError or HeaderWrong; a faulty row is no error but a line of the
    preview.
    """
    if survey.state not in (State.OPEN, State.CLOSED):
        raise ImportClosed
    table = table_file.read_table(name, content)
    sheets = sheets_of(survey)
    columns = _columns(survey, sheets, table[0])
    rows, faults = _read_rows(survey, sheets, columns, table[1:])
    counts = Counter(row["status"] for row in rows)
    flagged = sum(1 for row in rows if row["flags"])
    return ImportBatch.objects.create(
        survey=survey,
        file_name=name[-150:],
        sha256=hashlib.sha256(content).hexdigest(),
        mode=mode,
        enumerator=enumerator.strip(),
        rows=rows,
        faults=faults[:FAULTS_KEPT],
        counts={
            "read": len(table) - 1,
            "faulty": len(table) - 1 - len(rows),
            "flagged": flagged,
            **counts,
        },
        created_by=by,
    )


def _columns(survey: Survey, sheets: Sequence[Sheet], header: Sequence[str]) -> Columns:
    known = _known_names(survey, sheets)
    columns, unknown, seen = Columns(), [], set()
    for place, cell in enumerate(header):
        name = " ".join(cell.split()).lower()
        if not name:
            continue
        target = known.get(name)
        if target is None or target in seen:
            unknown.append(cell.strip()[:60])
            continue
        seen.add(target)
        kind, key = target
        if kind == "question":
            columns.questions[key] = place
        elif kind == "profile":
            columns.profile[key] = place
        else:
            setattr(columns, kind, place)
    missing = [
        name
        for name in header_of(survey)
        if name not in (ADVICE, STORY) and known[name.lower()] not in seen
    ]
    told = []
    if unknown:
        told.append(_("Kolom tidak dikenal atau ganda: %(names)s.") % {"names": ", ".join(unknown)})
    if missing:
        told.append(_("Kolom tidak ada: %(names)s.") % {"names": ", ".join(missing)})
    if told:
        raise HeaderWrong(" ".join(told))
    return columns


def _known_names(survey: Survey, sheets: Sequence[Sheet]) -> dict[str, tuple[str, Any]]:
    """Return what every column name means; a plain code only where one question has it."""
    names: dict[str, tuple[str, Any]] = {
        SERVICE: ("service", None),
        MONTH: ("month", None),
        ADVICE: ("advice", None),
        STORY: ("story", None),
    }
    for asked in profile().chosen(survey.profile_fields):
        for name in (asked.code, asked.label.id.lower()):
            names[name] = ("profile", asked.code)
    plain = Counter(question.code for sheet in sheets for question in sheet.questions)
    for sheet in sheets:
        for name, question in sheet.field_names.items():
            names[name.lower()] = ("question", question.pk)
            if plain[question.code] == 1:
                names.setdefault(question.code.lower(), ("question", question.pk))
    return names


def _read_rows(
    survey: Survey, sheets: Sequence[Sheet], columns: Columns, table: Sequence[Sequence[str]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    services = {_plain(name): key for key, name in survey.asked_services}
    first, last = survey.opens_on.strftime("%Y-%m"), survey.closes_on.strftime("%Y-%m")
    rows, faults, before = [], [], None
    for number, cells in enumerate(table, 2):
        found = list(_row_faults(cells, columns, services, sheets, survey))
        if found:
            faults += [{"row": number, "message": message} for message in found]
            continue
        row = _row(cells, columns, services, sheets)
        told = (row["service"], row["profile"], row["values"])
        if row["status"] == Status.VALID and told == before:
            row["flags"] |= Flag.SAME_PATTERN
        if not first <= row["month"] <= last:
            row["flags"] |= Flag.OUTSIDE_PERIOD
        before = told
        row["flags"] = int(row["flags"])
        rows.append(row)
    return rows, faults


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _row_faults(
    cells, columns: Columns, services: Mapping[str, int], sheets: Sequence[Sheet], survey: Survey
) -> Iterator[str]:
    """Yield a sentence for everything in a row that cannot be taken."""
    service = _cell(cells, columns.service)
    if services and _plain(service) not in services:
        yield _("layanan “%(name)s” bukan layanan survei ini") % {"name": service[:60]}
    if not _MONTH.fullmatch(_cell(cells, columns.month)):
        yield _("bulan harus seperti 2027-03")
    for asked in profile().chosen(survey.profile_fields):
        given = _cell(cells, columns.profile.get(asked.code))
        if _option(asked, given) is None:
            yield _("%(field)s: “%(value)s” tidak dikenal") % {
                "field": asked.label.id,
                "value": given[:60],
            }
    for sheet in sheets:
        scale = sheet.questionnaire.scale_max
        for name, question in sheet.field_names.items():
            given = _cell(cells, columns.questions[question.pk])
            if given and given not in {str(point) for point in range(1, scale + 1)}:
                yield _("%(question)s: “%(value)s” di luar skala 1–%(scale)s") % {
                    "question": name,
                    "value": given[:20],
                    "scale": scale,
                }
    for place in (columns.advice, columns.story):
        if len(_cell(cells, place)) > TEXT_MAX:
            yield _("komentar lebih panjang dari %(most)s huruf") % {"most": TEXT_MAX}


def _option(asked, given: str) -> str | None:
    """Return the option that a cell names by code or words; a blank one says nothing."""
    if not given:
        return UNSAID if UNSAID in asked.options else None
    for code, words in asked.options.items():
        if _plain(given) in (code, _plain(words.id), _plain(words.en)):
            return code
    return None


def _plain(text: str) -> str:
    """Return a name as it is compared: keyboards have neither long dashes nor one kind of space."""
    return " ".join(text.translate(DASHES).split()).lower()


def _row(cells, columns: Columns, services: Mapping[str, int], sheets) -> dict[str, Any]:
    values = {
        str(question.pk): int(given)
        for sheet in sheets
        for question in sheet.questions
        if (given := _cell(cells, columns.questions[question.pk]))
    }
    complete = len(values) == sum(len(sheet.questions) for sheet in sheets)
    points = {int(key): value for key, value in values.items()}
    fields = profile().fields
    return {
        "service": services.get(_plain(_cell(cells, columns.service))),
        "month": _cell(cells, columns.month)[:7],
        "profile": {
            code: _option(fields[code], _cell(cells, place))
            for code, place in sorted(columns.profile.items())
        },
        "values": values,
        "status": str(Status.VALID if complete else Status.INCOMPLETE),
        "flags": flags_of(points, sheets) if complete else 0,
        "advice": _cell(cells, columns.advice),
        "story": _cell(cells, columns.story),
    }


@transaction.atomic
def add_import(*, batch: ImportBatch, by: User) -> int:
    """Add the answers of a preview and forget the rows; returns how many.

    Raises AlreadyImported, or ImportClosed when the survey's result was locked meanwhile.
    """
    unit = lock_unit(batch.survey.unit_id)
    kept = lock_tally(batch.survey)
    fresh = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    survey = Survey.objects.get(pk=fresh.survey_id)
    if survey.state not in (State.OPEN, State.CLOSED):
        raise ImportClosed
    if fresh.state != ImportBatch.State.PREVIEW:
        raise AlreadyImported
    rows, sheets = fresh.rows, sheets_of(survey)
    fresh.state, fresh.rows, fresh.faults = ImportBatch.State.ADDED, [], []
    try:
        with transaction.atomic():
            fresh.save(update_fields=["state", "rows", "faults"])
    except IntegrityError as error:
        raise AlreadyImported from error
    responses = [
        Response(
            survey=survey,
            service_id=row["service"],
            month=row["month"],
            mode=fresh.mode,
            notice=NOTICE_VERSION,
            profile=row["profile"],
            flags=row["flags"],
            status=row["status"],
            batch=fresh,
        )
        for row in rows
    ]
    Response.objects.bulk_create(responses, batch_size=CHUNK)
    points = [{int(key): value for key, value in row["values"].items()} for row in rows]
    ResponseValue.objects.bulk_create(
        (
            ResponseValue(response=response, question_id=question, value=value)
            for response, chosen in zip(responses, points, strict=True)
            for question, value in chosen.items()
        ),
        batch_size=CHUNK,
    )
    ResponseComment.objects.bulk_create(_comments(survey, sheets, rows), batch_size=CHUNK)
    add_to_tally(
        kept,
        [answered(response, chosen) for response, chosen in zip(responses, points, strict=True)],
        sheets,
    )
    data = {"count": len(rows), "file": fresh.file_name, "mode": fresh.mode}
    data["enumerator"] = fresh.enumerator
    audit.record(unit, [audit.Fact("survey.answers_imported", survey.subject, data)], by=by)
    return len(rows)


def _comments(survey: Survey, sheets: Sequence[Sheet], rows) -> Iterator[ResponseComment]:
    topics = ResponseComment.Topic
    for name, topic, attribute in (
        ("advice", topics.ADVICE, "comment"),
        ("story", topics.STORY, "story"),
    ):
        holder = next((s for s in sheets if getattr(s.questionnaire, attribute)), sheets[0])
        for row in rows:
            if row[name]:
                yield ResponseComment(
                    survey=survey,
                    questionnaire=holder.questionnaire,
                    topic=topic,
                    text=row[name],
                )


@transaction.atomic
def discard_import(*, batch: ImportBatch, by: User) -> None:
    """Throw a preview away with everything that was read."""
    ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.PREVIEW).update(
        state=ImportBatch.State.DISCARDED, rows=[], faults=[]
    )
