"""The commands of the house: invariants, fonts, making an installation ready."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from fontTools.ttLib import TTFont

from zona import invariants, triggers
from zona.management.commands import prepare
from zona.models import Job
from zona.static_collection import collect


def run(name: str, *arguments, **options) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def house_invariants(monkeypatch):
    """Only those of the house itself: what the apps declare has its own tests."""
    own = {name: one for name, one in invariants._declared.items() if name.startswith("zona.")}
    monkeypatch.setattr(invariants, "_declared", own)
    return own


@pytest.mark.django_db
def test_invariants_hold_on_an_empty_database(house_invariants):
    said = run("check_invariants")

    assert said.splitlines()[-1] == f"{len(house_invariants)} ketentuan dipenuhi"
    assert "benar zona.jobs" in said
    assert "SALAH" not in said


@pytest.mark.django_db
def test_each_place_where_an_invariant_fails_is_named(house_invariants):
    done = Job.objects.create(kind="x", state=Job.State.DONE)
    waiting = Job.objects.create(kind="x", finished_at=timezone.now())
    triggers.drop()
    out = StringIO()

    with pytest.raises(CommandError, match=r"^2 ketentuan tidak dipenuhi$"):
        call_command("check_invariants", stdout=out)

    said = out.getvalue()
    assert f"      job {done.pk} is done without a moment\n" in said
    assert f"      job {waiting.pk} is queued and has ended at " in said
    assert "      trigger zona_zona_auditentry_no_update is missing or different\n" in said
    assert "benar zona.references" in said


@pytest.mark.django_db
def test_an_app_adds_its_own_invariants(house_invariants):
    @invariants.invariant("test.never")
    def never():
        yield "row 7 is wrong"

    with pytest.raises(CommandError, match=r"^1 ketentuan"):
        run("check_invariants")


@pytest.mark.django_db
def test_a_reference_that_leads_nowhere_is_found(house_invariants):
    with transaction.atomic():
        Job.objects.create(kind="x", requested_by_id=987654)
        faults = list(invariants.references_lead_somewhere())
        transaction.set_rollback(True)

    assert len(faults) == 1
    assert "requested_by_id" in faults[0]
    assert "987654" in faults[0]


def test_fonts_are_cut_renamed_and_carry_their_licence(tmp_path):
    said = run("build_fonts", folder=tmp_path)

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "zona-display.LICENSE.txt",
        "zona-display.woff2",
        "zona-text.LICENSE.txt",
        "zona-text.woff2",
    ]
    assert [line.split()[0] for line in said.splitlines()] == [
        "zona-text.woff2",
        "zona-display.woff2",
    ]
    for name, family in [("zona-text", "Zona Text"), ("zona-display", "Zona Display")]:
        path = tmp_path / f"{name}.woff2"
        font = TTFont(path)
        assert font["name"].getDebugName(1) == family
        assert "SIL OPEN FONT LICENSE" in (tmp_path / f"{name}.LICENSE.txt").read_text().upper()
        assert path.stat().st_size < 26_000
        assert {ord(letter) for letter in "Aé80,17−–≥"} <= set(font.getBestCmap())
    before = (tmp_path / "zona-text.woff2").stat().st_mtime_ns
    run("build_fonts", folder=tmp_path)
    assert (tmp_path / "zona-text.woff2").stat().st_mtime_ns == before


def test_static_files_are_collected_again_only_when_they_changed(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]

    assert collect()
    assert not collect()
    (source / "a.css").write_text("a{color:red}")
    assert collect()

    assert (tmp_path / "static" / "a.css").read_text() == "a{color:red}"


@pytest.mark.django_db
def test_preparing_puts_a_lost_trigger_back():
    triggers.drop()
    out = StringIO()

    prepare.Command(stdout=out).migrate()

    assert out.getvalue() == "basis data: sudah mutakhir\n"
    assert triggers.missing() == []
