"""The public form: what it shows, and posted text turned into an answer. Strict, never rude.

Nothing that was typed is lost: whatever was posted is shown again beside what is wrong with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.http import QueryDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from surveys.models import Flag, Mode, ResponseComment, Survey
from surveys.profile import profile
from surveys.services.submission import Comment, Submission
from surveys.sheet import Sheet
from zona.documents import ALPHABET

STAMP_SALT = "surveys.form"
DRAFT_SALT = "surveys.draft"
STAMP_SECONDS = 24 * 3600
DRAFT_SECONDS = 7 * 24 * 3600
DRAFT_BYTES = 3500
TEXT_MAX = 2000
SECONDS_PER_QUESTION = 20
BAD_UP_TO = 2
"""A point of 1 or 2 asks what happened. Source: surveys.yaml, follow_up of SPAK."""

TRAP = "situs"
CONSENT, SERVICE, TOKEN = "setuju", "layanan", "token"
ADVICE, STORY = "saran", "cerita"
STAMP, LANGUAGE, MODE, SAVE = "stempel", "lang", "cara", "simpan"
MACHINERY = frozenset({STAMP, LANGUAGE, MODE, SAVE, TRAP, "csrfmiddlewaretoken"})
PROFILE_PREFIX = "d-"
DESK = "loket"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a question or select: what is sent, what is read, whether it is chosen."""

    value: str
    label: str
    is_chosen: bool
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """A question or a select of the page, with what is wrong about its answer."""

    name: str
    text: str
    choices: tuple[Choice, ...]
    number: int = 0
    help_text: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One questionnaire of the page."""

    title: str
    questions: tuple[Ask, ...]
    story: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All that the public form shows."""

    survey: Survey
    heading: str
    lead: str
    parts: tuple[Part, ...]
    service: Ask | None
    profile: tuple[Ask, ...]
    advice: str
    typed: Mapping[str, str]
    faults: tuple[tuple[str, str], ...]
    problem: str
    stamp: str
    language: str
    mode: str
    is_saved: bool = False

    @property
    def is_agreed(self) -> bool:
        """Tell whether the consent was given."""
        return bool(self.typed.get(CONSENT))

    @property
    def needs_token(self) -> bool:
        """Tell whether the form asks for a token."""
        return self.survey.needs_token

    @property
    def fault_of(self) -> dict[str, str]:
        """What is wrong, by field."""
        return dict(self.faults)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The form's own signed mark: its random number, counted once, and when it was handed out."""

    form: str
    issued: int
    text: str

    @property
    def seconds(self) -> int:
        """Return how long ago the form was handed out."""
        return max(0, int(time.time()) - self.issued)


def new_stamp(survey: Survey) -> Stamp:
    """Hand out a mark for a form of this survey."""
    form, issued = secrets.token_urlsafe(12), int(time.time())
    text = signing.dumps({"s": survey.pk, "n": form, "t": issued}, salt=STAMP_SALT)
    return Stamp(form, issued, text)


def read_stamp(survey: Survey, text: str) -> Stamp | None:
    """Return the mark of a posted form; None when it is not ours, not this survey's, or old."""
    try:
        found = signing.loads(text, salt=STAMP_SALT, max_age=STAMP_SECONDS)
    except signing.BadSignature:
        return None
    if found["s"] != survey.pk:
        return None
    return Stamp(found["n"], found["t"], text)


def receipt_of(survey: Survey, stamp: Stamp) -> str:
    """Return the receipt of a form: the same at every repetition, stored nowhere."""
    head = _letters(hashlib.sha256(stamp.form.encode()).digest())
    return f"{head}-{_receipt_tail(survey, head)}"


def is_receipt(survey: Survey, receipt: str) -> bool:
    """Tell whether a receipt was given out by this survey."""
    head, dash, tail = receipt.strip().upper().partition("-")
    return bool(dash) and hmac.compare_digest(_receipt_tail(survey, head), tail)


def _receipt_tail(survey: Survey, head: str) -> str:
    message = f"surveys.receipt:{survey.code}:{head}".encode()
    return _letters(hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest())


def _letters(digest: bytes) -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:5])


def save_draft(typed: Mapping[str, str]) -> str:
    """Return what a cookie of this device keeps; free texts are left out where they are long."""
    kept = {name: value for name, value in typed.items() if name not in MACHINERY}
    for left_out in ((), (STORY,), (STORY, ADVICE)):
        for name in left_out:
            kept.pop(name, None)
        text = signing.dumps(kept, salt=DRAFT_SALT, compress=True)
        if len(text) <= DRAFT_BYTES:
            return text
    return ""


def read_draft(text: str) -> dict[str, str]:
    """Return what a cookie kept; nothing when it is not ours or too old."""
    try:
        found = signing.loads(text, salt=DRAFT_SALT, max_age=DRAFT_SECONDS)
    except signing.BadSignature:
        return {}
    return {str(name): str(value) for name, value in found.items()}


@dataclass
class PublicForm:
    """A form as it was posted, or as it is shown for the first time.

    typed: everything posted, by field. faults: what is wrong, by field, in the order of the page.
    problem: what is wrong with the form as a whole.
    """

    survey: Survey
    sheets: Sequence[Sheet]
    services: Sequence[tuple[int, str]]
    typed: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    stamp: Stamp | None = None

    @classmethod
    def posted(cls, survey, sheets, services, data: QueryDict) -> PublicForm:
        """Read a posted form and find everything wrong with it."""
        form = cls(survey, sheets, services)
        for name in data:
            values = data.getlist(name)
            form.typed[name] = _clean(values[-1]) if values else ""
            if len(values) > 1 and name not in MACHINERY:
                form.faults[name] = _("Pilih satu jawaban saja.")
        form.stamp = read_stamp(survey, form.typed.get(STAMP, ""))
        form._check()
        return form

    @property
    def language(self) -> str:
        """Return the language in which the form was filled in."""
        return "en" if self.typed.get(LANGUAGE) == "en" else "id"

    @property
    def mode(self) -> str:
        """Return how the form was reached: at a desk, or on a device of one's own."""
        return Mode.DESK if self.typed.get(MODE) == DESK else Mode.ONLINE

    @property
    def is_valid(self) -> bool:
        """Tell whether the form can be stored."""
        return not self.faults and not self.problem

    @property
    def known_names(self) -> set[str]:
        """Return every field that this survey's form has."""
        names = {CONSENT, ADVICE, STORY, *MACHINERY}
        names |= {name for sheet in self.sheets for name in sheet.field_names}
        names |= {f"{PROFILE_PREFIX}{code}" for code in self.survey.profile_fields}
        if self.services:
            names.add(SERVICE)
        if self.survey.needs_token:
            names.add(TOKEN)
        return names

    def _check(self) -> None:
        twice, self.faults = self.faults, {}
        if not self.typed.get(CONSENT):
            self.faults[CONSENT] = _("Setujui dahulu keterangan ini bila Anda bersedia mengisi.")
        if self.survey.needs_token and not self.typed.get(TOKEN, "").strip():
            self.faults[TOKEN] = _("Isi token dari kartu Anda.")
        if self.services and self.typed.get(SERVICE) not in {str(key) for key, _n in self.services}:
            self.faults[SERVICE] = _("Pilih layanan yang Anda terima.")
        for sheet in self.sheets:
            for name in sheet.field_names:
                points = {str(p) for p in range(1, sheet.questionnaire.scale_max + 1)}
                if self.typed.get(name) not in points:
                    self.faults[name] = _("Pilih satu jawaban untuk pertanyaan ini.")
        for asked in profile().chosen(self.survey.profile_fields):
            name = f"{PROFILE_PREFIX}{asked.code}"
            if self.typed.get(name) not in asked.options:
                self.faults[name] = _("Pilih satu; boleh “Tidak ingin menyebutkan” bila ada.")
        for name in (ADVICE, STORY):
            length = len(self.typed.get(name, ""))
            if length > TEXT_MAX:
                self.faults[name] = _(
                    "Teks terlalu panjang: %(length)d huruf dari paling banyak %(most)d."
                ) % {"length": length, "most": TEXT_MAX}
        self.faults |= twice
        if set(self.typed) - self.known_names:
            self.problem = _(
                "Ada isian yang bukan bagian survei ini. Periksa jawaban Anda, lalu kirim lagi."
            )
        elif self.stamp is None:
            self.problem = _(
                "Formulir ini sudah lama terbuka. Isian Anda masih ada; kirim sekali lagi."
            )

    def submission(self, guard_flags: int = 0) -> Submission:
        """Return the answer of a valid form."""
        flags = guard_flags | (Flag.TRAP if self.typed.get(TRAP) else 0)
        desk = self.mode == Mode.DESK
        return Submission(
            values=self.points(),
            form=self.stamp.form,
            service_id=self.service_id,
            profile=self.profile_options(),
            comments=self.comments(),
            language=self.language,
            mode=self.mode,
            token=self.typed.get(TOKEN, ""),
            seconds=None if desk else self.stamp.seconds,
            flags=int(flags),
        )

    @property
    def service_id(self) -> int | None:
        """Return the chosen service of a valid form."""
        return int(self.typed[SERVICE]) if self.services else None

    def points(self) -> dict[int, int]:
        """Return the points chosen in a valid form, by question."""
        return {
            question.pk: int(self.typed[name])
            for sheet in self.sheets
            for name, question in sheet.field_names.items()
        }

    def profile_options(self) -> dict[str, str]:
        """Return the options chosen in a valid form, by profile field."""
        return {
            asked.code: self.typed[f"{PROFILE_PREFIX}{asked.code}"]
            for asked in profile().chosen(self.survey.profile_fields)
        }

    def comments(self) -> list[Comment]:
        """Return the free texts of a valid form that are not blank."""
        found = []
        topics = ResponseComment.Topic
        for name, topic, attribute in (
            (ADVICE, topics.ADVICE, "comment"),
            (STORY, topics.STORY, "story"),
        ):
            text = self.typed.get(name, "").strip()
            holder = next((s for s in self.sheets if getattr(s.questionnaire, attribute)), None)
            if text and holder:
                found.append(Comment(holder.questionnaire.pk, topic, text))
        return found

    def page(self, *, is_saved: bool = False) -> Page:
        """Return all that the page shows, in the language in force."""
        first = self.sheets[0].questionnaire
        parts, number, told = [], 0, ""
        for sheet in self.sheets:
            asked = []
            for name, question in sheet.field_names.items():
                number += 1
                asked.append(self._question(name, question, number))
            # One field for what happened, however many questionnaires ask for it.
            story = "" if told else sheet.questionnaire.said_story
            told = told or story
            parts.append(Part(sheet.questionnaire.said_title, tuple(asked), story))
        stamp = self.stamp or new_stamp(self.survey)
        asked = [sheet.questionnaire for sheet in self.sheets if sheet.questionnaire.comment]
        advice = asked[0].said_comment if asked else ""
        return Page(
            survey=self.survey,
            heading=first.said_heading,
            lead=_lead(number),
            parts=tuple(parts),
            service=self._service(),
            profile=tuple(self._profile()),
            advice=advice,
            typed=self.typed,
            faults=tuple(self.faults.items()),
            problem=self.problem,
            stamp=stamp.text,
            language=get_language() or "id",
            mode=DESK if self.mode == Mode.DESK else "",
            is_saved=is_saved,
        )

    def _question(self, name, question, number: int) -> Ask:
        chosen = self.typed.get(name)
        choices = tuple(
            Choice(str(value), label, str(value) == chosen, is_bad=value <= BAD_UP_TO)
            for value, label in question.choices
        )
        return Ask(
            name, question.said_text, choices, number, question.said_help, self.faults.get(name, "")
        )

    def _service(self) -> Ask | None:
        if not self.services:
            return None
        chosen = self.typed.get(SERVICE)
        choices = tuple(
            Choice(str(key), label, str(key) == chosen or len(self.services) == 1)
            for key, label in self.services
        )
        text = _("Layanan yang Anda terima")
        return Ask(SERVICE, text, choices, fault=self.faults.get(SERVICE, ""))

    def _profile(self):
        for asked in profile().chosen(self.survey.profile_fields):
            name = f"{PROFILE_PREFIX}{asked.code}"
            chosen = self.typed.get(name)
            choices = tuple(
                Choice(code, str(words), code == chosen) for code, words in asked.options.items()
            )
            yield Ask(name, str(asked.label), choices, fault=self.faults.get(name, ""))


def _lead(questions: int) -> str:
    minutes = max(1, -(-questions * SECONDS_PER_QUESTION // 60))
    asked = ngettext("%(n)d pertanyaan", "%(n)d pertanyaan", questions) % {"n": questions}
    lasting = ngettext("sekitar %(n)d menit", "sekitar %(n)d menit", minutes) % {"n": minutes}
    return _("%(asked)s, %(lasting)s. Jawaban Anda anonim.") % {
        "asked": asked,
        "lasting": lasting,
    }


def _clean(text: str) -> str:
    """Return typed text with equal line ends and without letters that no database keeps."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        letter
        for letter in text
        if letter in "\n\t" or (ord(letter) >= 32 and not 0xD800 <= ord(letter) <= 0xDFFF)
    )
