"""Seals and stored scores: reproduced to the last digit, and found out when changed."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from assessments import scoring
from assessments.models import Score, Seal
from assessments.services.scores import score_track
from assessments.services.seals import is_intact, seal_payload
from assessments.tests import filling
from zona import triggers

pytestmark = pytest.mark.django_db


def run(command: str, *args) -> str:
    """Run a command and return what it prints."""
    out = StringIO()
    call_command(command, *args, stdout=out, stderr=out)
    return out.getvalue()


def test_a_seal_is_canonical_and_reproduces_its_score(house):
    filling.submit(house)

    seal = Seal.objects.get()
    payload = json.loads(seal.payload)
    result = score_track(house.assessment, "unit")
    assert seal.payload == seal_payload(house.assessment, "unit")
    assert payload["score"]["safe"]["total"] == scoring.six(
        result.readings[scoring.Reading.SAFE].total
    )
    assert payload["answers"]["B.I.a.1"]["inputs"] == {"nilai_ipak": "3.60"}
    assert payload["instrument_checksum"] == house.assessment.instrument.checksum
    assert is_intact(seal)
    assert run("verify_seals") == "1 segel utuh.\n"


def test_a_changed_seal_is_found(house):
    filling.submit(house)
    triggers.drop()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE assessments_seal SET payload = payload || ' '")
    triggers.install()

    with pytest.raises(CommandError, match="1 segel"):
        run("verify_seals")


def test_a_score_changed_behind_the_back_is_found_and_repaired(house):
    filling.fill_unit(house)
    true = house.assessment.scores.get(track="unit").safe_total
    Score.objects.filter(assessment=house.assessment, track="unit").update(safe_total=1)

    with pytest.raises(CommandError, match="1 nilai"):
        run("rescore", "--all", "--check")
    run("rescore", "--all")

    assert house.assessment.scores.get(track="unit").safe_total == true
    assert run("rescore", "--all", "--check") == "3 nilai diperiksa, 0 berbeda.\n"
