"""The demo as it stands after seeding: built once, looked at from many sides, rolled back."""

import io
import re
from collections import Counter
from datetime import timedelta
from fractions import Fraction

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import transaction
from django.db.models import F, Q
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from assessments import invariants, scoring
from assessments.catalog import catalog_of
from assessments.demo import source
from assessments.demo.accounts import DEMO_PASSWORD, demo_accounts
from assessments.demo.build import seed_demo
from assessments.models import (
    Answer,
    Assessment,
    Evidence,
    EvidenceUse,
    Period,
    Score,
    State,
    TeamMember,
    Track,
)
from assessments.services.scores import score_track
from assessments.tests.demo_words import FORBIDDEN
from units.access import access_of, belongs_to
from units.models import Pledge, Service, Unit, User
from zona import audit
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db

TABLES = (Unit, User, Service, Period, Assessment, Answer, Evidence, EvidenceUse, AuditEntry)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The seeded house, for all tests of this module; what the command printed."""
    media = tmp_path_factory.mktemp("media")
    printed = io.StringIO()
    with (
        django_db_blocker.unblock(),
        override_settings(ZONA_DEMO=True, MEDIA_ROOT=media),
        transaction.atomic(),
    ):
        call_command("seed_demo", stdout=printed, seed=1)
        yield printed.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def lantera(demo):
    """The worksheet of Teluk Lantera in the running round."""
    return Assessment.objects.get(unit__code="PPTL", period=Period.objects.current())


def score_of(assessment, track) -> Score:
    return assessment.scores.get(track=track)


def test_the_command_names_everybody_as_whom_one_can_sign_in(demo):
    lines = [line.split() for line in demo.splitlines()]

    named = [
        words[0] for words in lines if words and words[0] in {a.username for a in demo_accounts()}
    ]
    assert named == [account.username for account in demo_accounts()]
    assert DEMO_PASSWORD in demo


def test_a_second_seeding_changes_nothing(demo):
    before = [table.objects.count() for table in TABLES]
    printed = io.StringIO()

    call_command("seed_demo", stdout=printed, seed=2)

    assert printed.getvalue() == "Basis data sudah berisi unit kerja; tidak ada yang diubah.\n"
    assert [table.objects.count() for table in TABLES] == before
    assert seed_demo(3).created is False


def test_the_ministry_has_units_of_every_kind_and_clock(demo):
    assessed = Unit.objects.filter(parent__level="eselon_1", parent__kind="directorate")

    assert assessed.count() == 24
    assert Counter(assessed.values_list("parent__code", flat=True)) == {
        "DJPP": 5,
        "DJBD": 5,
        "DJPW": 5,
        "BSDM": 5,
        "DJRL": 4,
    }
    assert set(assessed.values_list("kind", flat=True)) == {
        "port",
        "aquaculture",
        "quality",
        "surveillance",
        "training",
        "marine",
    }
    assert set(assessed.values_list("time_zone", flat=True)) == set(Unit.TimeZone.values)
    assert Unit.objects.count() == 24 + 5 + 1 + 1
    assert Pledge.objects.count() == 24
    assert not assessed.filter(services=None).exists()
    assert not assessed.exclude(services__is_strategic=True).exists()


def test_every_assessed_unit_has_its_people(demo):
    for unit in Unit.objects.filter(parent__kind="directorate"):
        roles = set(unit.memberships.in_force().values_list("role", flat=True))
        assert roles >= {"unit_operator", "zi_lead", "unit_head"}, unit


def test_a_worksheet_stands_in_every_state(demo):
    running = Assessment.objects.filter(period=Period.objects.current())

    assert set(running.values_list("state", flat=True)) == set(State.values)
    assert running.values("unit").distinct().count() == 24
    assert Counter(running.newest_versions().values_list("state", flat=True))["final"] == 13
    superseded = running.get(superseded_by__isnull=False)
    assert (superseded.state, superseded.superseded_by.state) == ("final", "final")
    drafts = Score.objects.filter(assessment__in=running.filter(state="draft"), track="unit")
    answered = dict(drafts.values_list("assessment__unit__code", "answered_count"))
    assert answered == {"LKPN": 0, "LTWN": 14, "BPBC": 77, "PPLA": 110}


def test_both_instruments_can_be_worked_on(demo):
    open_to_work = Assessment.objects.filter(period__is_open=True).values_list(
        "instrument__code", "state"
    )

    assert {("lke-zi-2014", "draft"), ("lke-zi-2014", "member_review")} <= set(open_to_work)
    assert {("lke-zi-2021", "draft"), ("lke-zi-2021", "member_review")} <= set(open_to_work)
    assert Period.objects.current().instrument.code == "lke-zi-2021"


def test_teluk_lantera_has_the_figures_of_the_story(lantera):
    catalog = catalog_of(lantera.instrument)
    result = score_track(lantera, Track.TPI)
    safe = result.readings[scoring.Reading.SAFE]
    own = score_track(lantera, Track.UNIT)

    assert lantera.state == State.MEMBER_REVIEW
    assert scoring.points_text(safe.total) == "78,25"
    assert [scoring.points_text(area.points) for area in safe.areas.values()] == [
        "6,58",
        "4,81",
        "8,93",
        "9,02",
        "7,23",
        "8,22",
    ]
    nodes = ("A", "B.I", "B.I.a", "B.I.b", "B.II")
    assert [scoring.points_text(safe.nodes[code]) for code in nodes] == [
        "44,78",
        "18,25",
        "15,75",
        "2,50",
        "15,23",
    ]
    unmet = [rule for rule in result.gates["WBK"].rules if not rule.met]
    assert [(rule.code, scoring.gap_text(rule.required, rule.reached)) for rule in unmet] == [
        ("area.5", "1,78")
    ]
    assert scoring.points_text(own.total) == "84,95"
    assert scoring.points_text(own.readings[scoring.Reading.SAFE].areas["5"].points) == "13,42"
    assert score_of(lantera, "tpi").answered_count == catalog.indicator_count == 113


def test_teluk_lantera_rises_from_year_to_year(lantera):
    before = Assessment.objects.filter(unit=lantera.unit, state=State.FINAL).order_by(
        "period__year"
    )

    assert [
        (
            lantera.period.year - sheet.period.year,
            scoring.points_text(score_track(sheet, "tpi").total),
        )
        for sheet in before
    ] == [(2, "62,35"), (1, "71,40")]


def test_what_teluk_lantera_was_asked_to_repair_is_open(lantera):
    states = dict(
        lantera.answers.filter(track="tpi", review_state__in=["needs_repair", "repaired"])
        .order_by("indicator__position")
        .values_list("indicator__code", "review_state")
    )

    assert states == {
        "A.I.5.iii.c": "repaired",
        "A.I.5.v.a": "needs_repair",
        "A.II.5.i.a": "needs_repair",
        "A.II.5.ii.a": "needs_repair",
        "A.II.5.iii.b": "needs_repair",
    }
    assert lantera.tpi_revealed_at is not None


def test_the_row_of_the_story_stands_as_it_was_found(lantera):
    row = lantera.answers.get(track="tpi", indicator__code="A.I.5.i.b")
    uses = lantera.evidence_uses.filter(indicator__code="A.I.5.i.b").select_related("evidence")
    year = lantera.period.year - 1

    assert (row.choice, row.document_check, row.implementation_check, row.reason) == (
        "C",
        "inadequate",
        "not_done",
        "off_question",
    )
    assert row.condition == (
        f"SK UPG tanggal 4 Maret {year} ada. Prosedur penolakan dan pelaporan belum disusun; "
        "tiga petugas loket yang diwawancarai belum mengetahui kanal pelaporan."
    )
    assert {(use.evidence.title, use.verdict, use.reason) for use in uses} == {
        (f"SK UPG {year}", "adequate", ""),
        ("Laporan UPG Triwulan IV", "inadequate", "plan_only"),
    }


def test_results_reach_from_weak_to_ready_for_wbbm(demo):
    judged = Score.objects.filter(
        track="tpi", assessment__period=Period.objects.current(), answered_count=113
    )

    assert (
        judged.filter(meets_wbbm=True).values_list("assessment__unit__code", flat=True)[0] == "BPKS"
    )
    assert judged.filter(meets_wbk=True).count() >= 9
    assert judged.filter(unmet_wbk_count=1).count() >= 3
    assert judged.filter(unmet_wbk_count__gte=5).exists()


def test_every_value_below_the_best_has_words_that_fit_to_be_read(demo):
    best = {}
    wanting, spoilt = [], []
    judged = Answer.objects.filter(track="tpi").select_related(
        "indicator", "assessment__unit", "assessment__instrument"
    )
    for answer in judged.defer("assessment__instrument__document"):
        engine = catalog_of(answer.assessment.instrument).engine
        row = engine.indicators[answer.indicator.code]
        if not answer.is_answered:
            continue
        key = (answer.assessment.instrument_id, row.code)
        best.setdefault(key, row.best.code if row.options else None)
        where = (answer.assessment.unit.code, row.code)
        if answer.choice != best[key] and not answer.condition.strip():
            wanting.append(where)
    for answer in Answer.objects.exclude(condition="", advice=""):
        text = f"{answer.condition} {answer.advice}"
        if FORBIDDEN.search(text) or "{" in text or "  " in text.strip():
            spoilt.append((answer.pk, text))

    assert wanting == []
    assert spoilt == []


def test_paper_without_practice_is_there_to_be_seen(demo):
    checks = Counter(
        Answer.objects.filter(track="tpi")
        .exclude(implementation_check="")
        .values_list("document_check", "implementation_check")
    )

    assert checks["adequate", "partly"] > 100
    assert checks["inadequate", "partly"] > 50
    assert checks["absent", "not_done"] > 50
    assert checks["adequate", "done"] > 1000


def test_evidence_is_real_and_of_every_type(demo):
    types = Counter(Evidence.objects.values_list("content_type", flat=True))

    assert {re.split(r"[/.]", name)[-1] for name in types} == {
        "",
        "pdf",
        "jpeg",
        "document",
        "sheet",
    }
    assert Evidence.objects.filter(unit__code="PPTL").count() >= 24
    for piece in Evidence.objects.filter(unit__code="BRPA", kind="file"):
        with piece.file.open("rb") as file:
            assert len(file.read()) == piece.size_bytes
    outside = EvidenceUse.objects.filter(
        Q(evidence__dated_on__lt=F("assessment__period__evidence_from"))
    )
    assert set(outside.values_list("reason", flat=True)) == {"wrong_period"}


def test_a_piece_of_evidence_serves_many_rows(lantera):
    uses = Counter(lantera.evidence_uses.values_list("evidence__title", flat=True))

    assert max(uses.values()) >= 10
    assert 120 <= sum(uses.values()) <= 180


def test_nobody_assesses_his_own_unit(demo):
    places = TeamMember.objects.select_related("user", "assessment__unit")

    assert [place for place in places if belongs_to(place.user, place.assessment.unit)] == []


@pytest.mark.parametrize(
    ("username", "rank", "state"),
    [
        ("anggota", "member", State.MEMBER_REVIEW),
        ("ketuatim", "lead", State.LEAD_REVIEW),
        ("dalnis", "supervisor", State.SUPERVISOR_REVIEW),
        ("mutu", "quality", State.QUALITY_REVIEW),
    ],
)
def test_every_rank_has_a_worksheet_waiting(demo, username, rank, state):
    waiting = TeamMember.objects.filter(
        user__username=username,
        rank=rank,
        assessment__state=state,
        assessment__period=Period.objects.current(),
    )

    assert waiting.count() == 1


def test_no_house_rule_is_broken(demo):
    assert list(audit.verify()) == []
    assert list(invariants.stored_scores_are_true()) == []
    assert list(invariants.worksheets_are_whole()) == []
    assert list(invariants.seals_are_intact()) == []


def test_the_story_has_days_and_none_of_them_is_to_come(lantera):
    now = timezone.now()
    days = {
        moment.date() for moment in lantera.answers.values_list("changed_at", flat=True) if moment
    }

    assert len(days) >= 4
    assert not AuditEntry.objects.filter(at__gt=now).exists()
    assert not Answer.objects.filter(checked_on__gt=timezone.localdate()).exists()
    assert lantera.period.evaluation_due - timezone.localdate() == timedelta(days=16)
    assert lantera.submitted_at < lantera.tpi_revealed_at < now


def test_the_chains_tell_the_story_in_its_order(lantera):
    moments = list(
        AuditEntry.objects.filter(stream=lantera.audit_stream)
        .order_by("seq")
        .values_list("at", flat=True)
    )

    assert moments == sorted(moments)
    assert len(moments) > 400


@pytest.mark.parametrize("account", demo_accounts(), ids=lambda account: account.username)
def test_every_demo_person_can_sign_in_and_holds_a_role(demo, account):
    request = RequestFactory().post("/")
    client = Client()

    user = authenticate(request, username=account.username, password=DEMO_PASSWORD)
    response = client.post(reverse("units:demo_login"), {"username": account.username})

    assert (user.username, user.name) == (account.username, account.name)
    assert len(access_of(user).grants) == 1
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_no_figure_is_off_by_more_than_a_share(demo):
    off = {}
    for code, spec in source.read("figures")["current"].items():
        if "total" not in spec or spec["state"] in ("submitted", "forwarded"):
            continue
        score = Score.objects.get(
            track="tpi",
            assessment__unit__code=code,
            assessment__version=1,
            assessment__period=Period.objects.current(),
        )
        gaps = [
            abs(Fraction(str(ratio)) * 100 - Fraction(str(wanted)))
            for ratio, wanted in zip(score.area_ratios, spec["areas"], strict=True)
        ]
        off[code] = max(gaps)

    assert {code: gap for code, gap in off.items() if gap > 1} == {}
