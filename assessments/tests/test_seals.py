"""Seals and stored scores: reproduced to the last digit, and found out when changed."""

import hashlib
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


def _digested(text):
    """Return SQL values of a seal whose text was changed together with its digest."""
    return text, hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: (text + " ", None), "isi berubah setelah disegel"),
        (lambda text: _digested("{"), "isi tidak terbaca sebagai segel"),
        (lambda text: _digested('{"score": []}'), "isi tidak terbaca sebagai segel"),
        (
            lambda text: _digested(text.replace('"choice":"', '"choice":"Z', 1)),
            "isi tidak terbaca sebagai segel",
        ),
        (
            lambda text: _digested(text.replace('"engine_version":"1"', '"engine_version":"0"')),
            "keterangan segel berbeda dari isinya",
        ),
        (
            lambda text: _digested(text.replace("3.60", "3.20", 1)),
            "nilai tidak dapat dihasilkan kembali",
        ),
    ],
)
def test_a_changed_seal_is_found(house, change, said):
    filling.submit(house)
    seal = Seal.objects.get()
    text, digest = change(seal.payload)
    triggers.drop()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE assessments_seal SET payload = %s, sha256 = %s", [text, digest or seal.sha256]
        )
    triggers.install()

    told = StringIO()
    with pytest.raises(CommandError, match="1 segel"):
        call_command("verify_seals", stdout=told, stderr=told)
    assert told.getvalue() == f"segel {seal.pk} (penilaian {house.assessment.pk}): {said}\n"


def test_a_score_changed_behind_the_back_is_found_and_repaired(house):
    filling.fill_unit(house)
    true = house.assessment.scores.get(track="unit").safe_total
    Score.objects.filter(assessment=house.assessment, track="unit").update(safe_total=1)

    with pytest.raises(CommandError, match="1 nilai"):
        run("rescore", "--all", "--check")
    run("rescore", "--all")

    assert house.assessment.scores.get(track="unit").safe_total == true
    assert run("rescore", "--all", "--check") == "3 nilai diperiksa, 0 berbeda.\n"
