"""The first run: one link, one first admin, steps that can be left; and the way out of the demo."""

import argparse
import io
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from PIL import Image

from assessments.reports.builder import house
from assessments.tests.factories import grant, make_assessment, make_team, make_unit, make_user
from units.access import Role, access_of
from units.models import Unit, User
from zona import first_run, serve
from zona.letterhead import LogoRefused, drawn_logo
from zona.models import Setup

PASSWORD = "laut-tenang-sekali-47"
TYPED = {
    "ministry": "Kementerian Bahari",
    "code": "KB",
    "name": "Bima Santika",
    "username": "bima",
    "email": "bima@bahari.example",
    "password": PASSWORD,
    "again": PASSWORD,
}


def link() -> str:
    """Return the address that the command prints."""
    said = io.StringIO()
    call_command("first_admin", stdout=said)
    return re.search(r"/mulai/\S+/", said.getvalue()).group(0)


@pytest.mark.django_db
def test_the_link_makes_the_first_admin_once(client):
    old, fresh = link(), link()

    assert client.get(old).status_code == 404
    weak = client.post(fresh, {**TYPED, "password": "bahari", "again": "bahari"})
    unlike = client.post(fresh, {**TYPED, "again": "lain"})
    done = client.post(fresh, TYPED)

    assert weak.context["form"].errors["password"]
    assert "berbeda" in unlike.content.decode()
    user = User.objects.get()
    assert (done.url, Unit.objects.get().name) == ("/penyiapan/", "Kementerian Bahari")
    assert access_of(user).roles == {Role.SYSTEM_ADMIN, Role.SECRETARIAT}
    assert user.check_password(PASSWORD)
    assert client.get(fresh).status_code == 404
    with pytest.raises(CommandError, match="Sudah ada akun"):
        call_command("first_admin")


@pytest.mark.django_db
def test_the_steps_are_read_from_the_data_put_off_and_ended(client):
    client.post(link(), TYPED)

    begun = client.get("/penyiapan/")
    early = client.post("/penyiapan/selesai/", follow=True)
    client.post("/penyiapan/kop/lewati/")
    unit = make_unit(make_unit(level="eselon_1", kind="directorate"))
    make_team(make_assessment(unit))
    home = client.get("/")
    ready = client.get("/penyiapan/")
    client.post("/penyiapan/kop/lewati/", {"kembali": "1"})
    back = client.get("/penyiapan/")
    client.post("/penyiapan/kop/lewati/")
    client.post("/penyiapan/selesai/")

    assert [step.code for step in begun.context["steps"] if step.is_done] == ["kementerian"]
    assert "Masih ada langkah" in early.content.decode()
    assert "Lanjutkan penyiapan" in home.content.decode()
    assert (ready.context["settled"], ready.context["next"]) == (6, None)
    assert back.context["next"].code == "kop"
    assert Setup.objects.get().done_by == User.objects.get(username="bima")
    assert client.get("/penyiapan/").status_code == 404
    assert "Lanjutkan penyiapan" not in client.get("/").content.decode()


@pytest.mark.django_db
def test_nobody_else_walks_the_first_run(client):
    client.post(link(), TYPED)
    other = make_user("auditor")
    grant(other, Role.AUDITOR, Unit.objects.get())
    client.force_login(other)

    assert client.get("/penyiapan/").status_code == 404
    assert client.post("/penyiapan/kop/lewati/").status_code == 404
    assert client.get("/kop-surat/").status_code == 403


@pytest.mark.django_db
def test_a_promised_key_opens_and_a_used_house_offers_none(settings, tmp_path):
    assert first_run.offer_link("kunci-dari-peragaan") == "kunci-dari-peragaan"
    assert first_run.opens("kunci-dari-peragaan")
    assert not first_run.opens("lain")

    make_user("seseorang")

    assert not first_run.opens("kunci-dari-peragaan")
    assert first_run.offer_link() is None


@pytest.mark.django_db
def test_the_letterhead_stands_on_the_papers(client, tree, secretariat):
    client.force_login(secretariat)
    picture = io.BytesIO()
    Image.new("RGB", (1200, 600), "navy").save(picture, "JPEG")
    logo = SimpleUploadedFile("logo.jpg", picture.getvalue())

    client.post("/kop-surat/", {"address": "Jalan Laut 7", "place": "Kota", "logo": logo})
    broken = client.post("/kop-surat/", {"logo": SimpleUploadedFile("logo.png", b"<svg/>")})

    assert "bukan gambar" in broken.content.decode()
    lines = house()
    assert (lines.address, lines.place) == ("Jalan Laut 7", "Kota")
    assert lines.logo.startswith("data:image/png;base64,iVBOR")
    with Image.open(io.BytesIO(drawn_logo(picture.getvalue()))) as drawn:
        assert drawn.size == (512, 256)
    with pytest.raises(LogoRefused):
        drawn_logo(b"x" * (3 * 1024 * 1024))
    cache.clear()


# Whose data are served ------------------------------------------------------------------------


def options(**values):
    return argparse.Namespace(host="127.0.0.1", port=None, choice=None, **values)


def test_the_choice_is_kept_and_the_demo_stays_where_it_is(tmp_path, monkeypatch):
    for name in ("ZONA_DEMO", "ZONA_MODE"):
        monkeypatch.setenv(name, "")
    choice = tmp_path / serve.CHOICE

    assert serve.read_choice(choice) == serve.DEMO
    serve.write_choice(choice, serve.OWN)
    own = serve.house_of(serve.read_choice(choice), options(), tmp_path, choice)
    demo = serve.house_of(serve.DEMO, options(), tmp_path, choice)

    assert (own.var, own.environ["ZONA_DEMO"]) == (tmp_path / "sendiri", "false")
    assert own.environ["ZONA_VAR"] == str(tmp_path / "sendiri")
    assert demo.var == tmp_path
    assert demo.environ[serve.CHOICE_VARIABLE] == str(choice)
    assert serve.parse(["--own"]).choice == serve.OWN


def test_other_data_end_the_watch_and_production_knows_no_choice(tmp_path, monkeypatch):
    monkeypatch.setenv("ZONA_DEMO", "")
    monkeypatch.setenv("ZONA_MODE", "embedded")
    choice = tmp_path / serve.CHOICE
    house_ = serve.house_of(serve.DEMO, options(), tmp_path, choice)
    serve.write_choice(choice, serve.OWN)

    house_.watch(choice, serve.DEMO)

    monkeypatch.setenv("ZONA_MODE", "production")
    assert not serve.can_choose()


@pytest.mark.django_db
def test_the_page_begins_ones_own_data_with_a_link_that_is_promised(
    client, tree, system_admin, settings, tmp_path, monkeypatch
):
    settings.ZONA_DEMO = True
    monkeypatch.setenv(serve.CHOICE_VARIABLE, str(tmp_path / serve.CHOICE))
    client.force_login(system_admin)

    unsure = client.post("/data-sendiri/")
    begun = client.post("/data-sendiri/", {"sure": "on"})
    again = client.post("/data-sendiri/", {"sure": "on"})

    assert unsure.status_code == 200
    token = (tmp_path / serve.OWN / serve.PROMISED_KEY).read_text()
    assert begun.context["link"].endswith(f"/mulai/{token}/")
    assert (again.context["is_new"], serve.read_choice(tmp_path / serve.CHOICE)) == (
        False,
        serve.OWN,
    )
