"""An answer of the public: added once, under the lock of the survey's running sums, or not at all.

What is stored says nothing of who answered, from where, or when beyond the month.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from surveys import tally
from surveys.models import (
    Flag,
    Mode,
    Response,
    ResponseComment,
    ResponseValue,
    SpentForm,
    Status,
    Survey,
    Tally,
    Token,
)
from surveys.profile import profile
from surveys.sheet import Sheet, sheets_of

NOTICE_VERSION = "2026-1"
"""The text of purpose and consent to which respondents agree. Source: docs/privacy.md."""

SECONDS_PER_QUESTION = 2
STRAIGHT_FROM = 4


@dataclass(frozen=True, slots=True)
class Comment:
    """A free text: to which questionnaire it belongs and whether it is advice or a story."""

    questionnaire_id: int
    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person sent, checked: the point chosen at every question of the survey.

    form: the random number of the form, which counts once. seconds: how long it was open; used
    for a flag alone. flags: what was noticed about the sending itself.
    """

    values: Mapping[int, int]
    form: str
    service_id: int | None = None
    profile: Mapping[str, str] | None = None
    comments: Sequence[Comment] = ()
    language: str = "id"
    mode: str = Mode.ONLINE
    token: str = ""
    seconds: int | None = None
    flags: int = 0


class SurveyClosed(Exception):
    """The survey takes no answers: not begun, over, or closed while the form was being filled."""


class AlreadySent(Exception):
    """This very form was sent before; it counted then."""


class TokenRefused(Exception):
    """The token is not one of this survey."""


class TokenUsed(Exception):
    """Somebody answered with this token before."""


def token_digest(survey: Survey, token: str) -> str:
    """Return what is kept of a token: spaces, hyphens and case do not count."""
    letters = "".join(letter for letter in token.upper() if letter.isalnum())
    return hashlib.sha256(f"{survey.code}:{letters}".encode()).hexdigest()


def flags_of(
    values: Mapping[int, int], sheets: Sequence[Sheet], *, seconds: int | None = None
) -> int:
    """Return what is odd about the answers themselves: all the same, impossibly fast."""
    found = 0
    if seconds is not None and seconds < SECONDS_PER_QUESTION * len(values):
        found |= Flag.FAST
    for sheet in sheets:
        points = {values[question.pk] for question in sheet.questions}
        if len(sheet.questions) >= STRAIGHT_FROM and len(points) == 1:
            found |= Flag.STRAIGHT
    return int(found)


@transaction.atomic
def submit_response(*, survey: Survey, submission: Submission) -> None:
    """Add an answer and its sums.

    Raises SurveyClosed, AlreadySent, TokenRefused or TokenUsed; then nothing is stored. Costs
    about nine statements; the survey's lock is taken last and held for two of them.
    """
    _spend_form(submission.form)
    if survey.needs_token:
        _spend_token(survey, submission.token)
    sheets = sheets_of(survey)
    flags = submission.flags | flags_of(submission.values, sheets, seconds=submission.seconds)
    response = Response(
        survey=survey,
        service_id=submission.service_id,
        month=timezone.localdate().strftime("%Y-%m"),
        mode=submission.mode,
        language=submission.language,
        notice=NOTICE_VERSION,
        profile=dict(submission.profile or {}),
        flags=flags,
        status=Status.DOUBTFUL if flags & Flag.TRAP else Status.VALID,
    )
    response.save(force_insert=True)
    ResponseValue.objects.bulk_create(
        ResponseValue(response=response, question_id=question, value=value)
        for question, value in submission.values.items()
    )
    ResponseComment.objects.bulk_create(
        ResponseComment(
            survey=survey,
            questionnaire_id=comment.questionnaire_id,
            topic=comment.topic,
            text=comment.text,
            language=submission.language,
        )
        for comment in submission.comments
    )
    kept = lock_tally(survey)
    fresh = Survey.objects.only("state", "opens_on", "closes_on").get(pk=survey.pk)
    if not fresh.takes_answers_on(timezone.localdate()):
        raise SurveyClosed
    add_to_tally(kept, [answered(response, submission.values)], sheets)


def lock_tally(survey: Survey) -> Tally:
    """Return the survey's running sums, locked: answers, exclusions and closing go one by one."""
    return Tally.objects.select_for_update().get(survey_id=survey.pk)


def answered(response: Response, values: Mapping[int, int]) -> tally.Answered:
    """Return an answer as the sums need it."""
    return tally.Answered(
        status=response.status,
        flags=response.flags,
        groups=tally.group_keys(
            service=response.service_id,
            month=response.month,
            mode=response.mode,
            profile=response.profile,
        ),
        values=values,
    )


def add_to_tally(
    kept: Tally, answers: Sequence[tally.Answered], sheets: Sequence[Sheet], *, times: int = 1
) -> None:
    """Add answers to locked sums (or take them out with ``times=-1``) and store these."""
    layout = [sheet.layout for sheet in sheets]
    sums = {**tally.empty(), **kept.sums}
    for answer in answers:
        tally.add(sums, answer, layout, times=times)
    kept.sums = sums
    kept.save(update_fields=["sums"])


def clean_profile(survey: Survey, given: Mapping[str, str]) -> dict[str, str] | None:
    """Return the known options among those given; None when a field of the survey is missing."""
    chosen = {}
    for field in profile().chosen(survey.profile_fields):
        option = given.get(field.code, "")
        if option not in field.options:
            return None
        chosen[field.code] = option
    return chosen


def _spend_form(form: str) -> None:
    digest = hashlib.sha256(form.encode()).hexdigest()
    try:
        with transaction.atomic():
            SpentForm.objects.create(digest=digest, on=timezone.localdate())
    except IntegrityError as error:
        raise AlreadySent from error


def _spend_token(survey: Survey, token: str) -> None:
    digest = token_digest(survey, token)
    mine = Token.objects.filter(survey=survey, digest=digest)
    if mine.filter(is_used=False).update(is_used=True):
        return
    if mine.exists():
        raise TokenUsed
    raise TokenRefused
