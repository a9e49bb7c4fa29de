"""Surveys for the demo: invented answers whose index is exactly the one that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from django.db import transaction

from surveys.index import Kind, half_up
from surveys.models import (
    Flag,
    Mode,
    Questionnaire,
    Response,
    ResponseComment,
    ResponseValue,
    Result,
    Survey,
)
from surveys.profile import profile
from surveys.services import improvements, lifecycle, questionnaires, review
from surveys.services.lifecycle import Coverage, PlannedPart
from surveys.services.submission import NOTICE_VERSION, lock_tally
from surveys.sheet import Sheet, sheets_of
from surveys.statistics import allocate
from units.models import Unit, User

EDITIONS = {Kind.SPAK: "spak-2021", Kind.SPKP: "spkp-2021", Kind.SKM: "skm-2017"}
LOWEST_POINT = 2
SERVED_PER_ANSWER, SERVED_WHEN_OPEN = 1.35, 3
BATCH = 1000

COMMENTS = (
    ("advice", "Ruang tunggu panas pada siang hari, tolong ditambah kipas.", "shown"),
    ("advice", "Petugas loket ramah dan cepat. Pertahankan.", "shown"),
    ("advice", "Jadwal layanan di papan pengumuman belum diperbarui.", "shown"),
    ("advice", "Antrean daring memudahkan, tetapi sinyal di dermaga lemah.", "shown"),
    ("advice", "Mohon ada petugas pengganti saat jam istirahat.", "new"),
    ("advice", "Kode QR di loket dua sulit dipindai karena silau.", "new"),
    ("advice", "Pak Anu di loket lambat sekali.", "hidden"),
)
HIDDEN_BECAUSE = "menyebut nama orang"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a survey of the demo shall say: per kind the index, or its exact value on scale 4."""

    indices: Mapping[Kind, Decimal | Fraction]
    answered: int
    title: str


def load_editions() -> dict[Kind, Questionnaire]:
    """Return the editions of the demo, loading what is shipped where it is missing."""
    questionnaires.load_shipped()
    found = {item.code: item for item in Questionnaire.objects.filter(code__in=EDITIONS.values())}
    return {kind: found[code] for kind, code in EDITIONS.items()}


@transaction.atomic
def build(
    unit: Unit,
    wanted: Wanted,
    *,
    opens_on: date,
    closes_on: date,
    by: User,
    rng: Random,
    go_to: Callable[[date], object] = lambda day: None,
    publish: bool = True,
    keep_open: bool = False,
) -> Survey:
    """Build a survey that ran from one day to another, with its answers and locked result.

    go_to: sets the clock to a day of the story before something happens on it.
    keep_open: leave it taking answers; there is no result then.
    """
    editions = load_editions()
    go_to(opens_on - timedelta(days=7))
    services = list(unit.services.filter(is_active=True).order_by("name"))
    people = round(wanted.answered * (SERVED_WHEN_OPEN if keep_open else SERVED_PER_ANSWER))
    served = [people // len(services) + place % 2 for place in range(len(services))]
    survey = lifecycle.create_survey(
        unit=unit,
        year=opens_on.year,
        parts=[PlannedPart(editions[kind], "proportional") for kind in wanted.indices],
        coverage=[Coverage(one, count) for one, count in zip(services, served, strict=True)],
        by=by,
        title=wanted.title,
        opens_on=opens_on,
        closes_on=closes_on,
        population=sum(served) or people,
        profile_fields=list(profile().defaults),
        contact="Loket informasi",
    )
    go_to(opens_on)
    lifecycle.open_survey(survey=survey, by=by)
    add_answers(survey, wanted, services, opens_on, rng)
    if keep_open:
        return Survey.objects.get(pk=survey.pk)
    go_to(closes_on + timedelta(days=1))
    lifecycle.close_survey(survey=survey, by=None)
    _moderate(survey, by)
    go_to(closes_on + timedelta(days=4))
    results = lifecycle.lock_result(survey=survey, by=by)
    _plan_improvements(survey, results, by, closes_on)
    if publish:
        lifecycle.publish_result(survey=survey, by=by)
    return Survey.objects.get(pk=survey.pk)


def points_for(
    questions: int, answered: int, wanted: Decimal | Fraction, rng: Random
) -> list[list[int]]:
    """Return one list of points (1..4) per respondent whose mean rounds to the wanted index.

    A Fraction is met exactly where that many answers can. Raises ValueError where the index can't
    be met.
    """
    cells = questions * answered
    total = round(Fraction(wanted) * cells)
    if isinstance(wanted, Decimal) and half_up(Fraction(total, cells)) != wanted:
        raise ValueError(f"{wanted} cannot be the index of {answered} answers")
    rows = [[4] * questions for _ in range(answered)]
    missing = 4 * cells - total
    weak = [rng.uniform(0.6, 1.6) for _ in range(questions)]
    strict = [rng.uniform(0.3, 1.7) for _ in range(answered)]
    while missing:
        row = rng.choices(range(answered), strict)[0]
        column = rng.choices(range(questions), weak)[0]
        if rows[row][column] > LOWEST_POINT:
            rows[row][column] -= 1
            missing -= 1
    return rows


def add_answers(
    survey: Survey, wanted: Wanted, services: Sequence, opens_on: date, rng: Random
) -> None:
    """Store the answers of a survey and the sums that follow from them."""
    sheets = sheets_of(survey)
    columns = [
        points_for(
            len(sheet.questions),
            wanted.answered,
            wanted.indices[Kind(sheet.questionnaire.kind)],
            rng,
        )
        for sheet in sheets
    ]
    shares = allocate(wanted.answered, [rng.randint(20, 90) for _ in services]) if services else []
    places = [one for one, share in zip(services, shares, strict=True) for _ in range(share)]
    rng.shuffle(places)
    responses = [
        Response(
            survey=survey,
            service=places[number] if places else None,
            month=opens_on.strftime("%Y-%m"),
            mode=rng.choices([Mode.DESK, Mode.ONLINE, Mode.PAPER], [6, 3, 1])[0],
            notice=NOTICE_VERSION,
            profile=_profile(survey, rng),
            flags=int(Flag.FAST) if rng.random() < 0.03 else 0,
        )
        for number in range(wanted.answered)
    ]
    Response.objects.bulk_create(responses, batch_size=BATCH)
    ResponseValue.objects.bulk_create(
        (
            ResponseValue(response=response, question=question, value=points[number][place])
            for sheet, points in zip(sheets, columns, strict=True)
            for number, response in enumerate(responses)
            for place, question in enumerate(sheet.questions)
        ),
        batch_size=BATCH,
    )
    kept = lock_tally(survey)
    kept.sums = lifecycle.rebuild_sums(survey)
    kept.save(update_fields=["sums"])
    _write_comments(survey, sheets)


def _profile(survey: Survey, rng: Random) -> dict[str, str]:
    chosen = {}
    for field in profile().chosen(survey.profile_fields):
        codes = list(field.options)
        chosen[field.code] = rng.choices(codes, [1 if c == "tidak_menyebut" else 6 for c in codes])[
            0
        ]
    return chosen


def _write_comments(survey: Survey, sheets: Sequence[Sheet]) -> None:
    ResponseComment.objects.bulk_create(
        ResponseComment(
            survey=survey, questionnaire=sheets[-1].questionnaire, topic=topic, text=text
        )
        for topic, text, _state in COMMENTS
    )


def _moderate(survey: Survey, by: User) -> None:
    wanted = {text: state for _topic, text, state in COMMENTS}
    for comment in ResponseComment.objects.filter(survey=survey):
        if wanted[comment.text] != ResponseComment.State.NEW:
            show = wanted[comment.text] == ResponseComment.State.SHOWN
            review.moderate_comment(
                comment=comment, show=show, reason="" if show else HIDDEN_BECAUSE, by=by
            )


def _plan_improvements(
    survey: Survey, results: Sequence[Result], by: User, closes_on: date
) -> None:
    """Plan something for the lowest element of every part."""
    for number, result in enumerate(results):
        rows = result.details["elements"]
        if not rows:
            continue
        lowest = min(rows, key=lambda row: Fraction(row["mean"]))
        improvements.add_improvement(
            survey=survey,
            subject=lowest["name"],
            action="Membahas penyebab nilai terendah bersama petugas layanan dan memperbaruinya di "
            "standar pelayanan.",
            owner="Kepala Subbagian Umum",
            due_on=closes_on + timedelta(days=60 + 15 * number),
            by=by,
        )
