"""Share pages: opened by whoever has the key, for as long as they are open, and never silently."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import ShareOpening, SharePage
from assessments.services import evidence, shares
from assessments.services.shares import ShareRefused
from assessments.tests.test_evidence import PDF
from assessments.tests.test_worksheet_save import statements
from zona import limits
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db
CODE = "A.I.5.i.b"


@pytest.fixture
def piece(house):
    """A file beside one row, and another file in the library that no row shows."""
    kept = [
        evidence.add_file(
            unit=house.unit, upload=SimpleUploadedFile(name, content), by=house.operator
        )
        for name, content in (("SK UPG.pdf", PDF), ("Rahasia.pdf", PDF + b"2"))
    ]
    evidence.attach(assessment=house.assessment, code=CODE, evidence=kept[0], by=house.operator)
    return kept[0]


def share(house, *, days: int = 7, **fields) -> shares.NewShare:
    return shares.share_evidence(
        assessment=house.assessment,
        by=fields.pop("by", house.head),
        note=fields.pop("note", "TPN"),
        expires_on=timezone.localdate() + timedelta(days=days),
        **fields,
    )


def page_url(key: str) -> str:
    return reverse("assessments:share_page", args=[key])


def file_url(key: str, piece) -> str:
    return reverse("assessments:share_file", args=[key, piece.pk])


def test_the_head_makes_a_page_and_its_address_is_told_once(client, house, piece):
    client.force_login(house.head)
    address = reverse("assessments:share_list", args=[house.assessment.pk])
    until = timezone.localdate() + timedelta(days=30)

    made = client.post(address, {"note": "TPN, seleksi", "code": CODE, "expires_on": str(until)})

    (key,) = re.findall(r"/berbagi/([\w-]{32})/", made.content.decode())[:1]
    again = client.get(address).content.decode()
    page = SharePage.objects.get()
    assert key not in again
    assert key not in page.digest
    assert "TPN, seleksi" in again
    assert "belum pernah" in again
    assert AuditEntry.objects.filter(action="evidence_shared", target=CODE).count() == 1
    client.logout()
    assert client.get(page_url(key)).status_code == 200


def test_whoever_has_the_key_reads_and_fetches_and_each_opening_is_logged(client, house, piece):
    key = share(house).key

    page = client.get(page_url(key))
    file = client.get(file_url(key, piece))

    assert "SK UPG" in page.content.decode()
    assert "Rahasia" not in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "no-referrer"
    assert b"".join(file.streaming_content) == PDF
    assert file["Content-Disposition"].startswith("attachment")
    openings = ShareOpening.objects.order_by("pk").values_list("evidence_id", flat=True)
    assert list(openings) == [None, piece.pk]


def test_a_key_opens_only_what_its_page_shows(client, house, piece):
    other = evidence.add_file(
        unit=house.unit, upload=SimpleUploadedFile("Lain.pdf", PDF + b"3"), by=house.operator
    )
    evidence.attach(
        assessment=house.assessment, code="A.I.1.i.a", evidence=other, by=house.operator
    )
    one, whole = share(house, code=CODE).key, share(house).key
    hidden = type(piece).objects.get(title="Rahasia")

    pages = [client.get(page_url(key)).content.decode() for key in (one, whole)]

    assert ["Lain" in text for text in pages] == [False, True]
    assert client.get(file_url(one, other)).status_code == 404
    assert client.get(file_url(whole, hidden)).status_code == 404


@pytest.mark.parametrize("how", ["revoked", "over", "unknown", "long"])
def test_a_page_that_is_not_open_says_one_thing_whatever_the_reason(client, house, piece, how):
    new = share(house)
    key = new.key
    if how == "revoked":
        shares.revoke_share(page=new.page, by=house.secretariat)
    elif how == "over":
        yesterday = timezone.localdate() - timedelta(days=1)
        SharePage.objects.filter(pk=new.page.pk).update(expires_on=yesterday)
    else:
        key = "x" * (32 if how == "unknown" else 500)

    response = client.get(page_url(key))

    assert response.status_code == 404
    assert "Halaman ini tidak terbuka" in response.content.decode()
    assert client.get(file_url(key, piece)).status_code == 404
    assert not ShareOpening.objects.exists()


def test_the_last_day_still_opens(client, house, piece):
    assert client.get(page_url(share(house, days=0).key)).status_code == 200


def test_whoever_opens_too_often_waits(client, house, piece, monkeypatch):
    monkeypatch.setattr(limits, "WINDOW_SECONDS", 10**9)  # no minute ends in between
    key = share(house).key

    codes = [client.get(page_url(key)).status_code for _number in range(61)]

    assert (codes[59], codes[60]) == (200, 429)
    assert ShareOpening.objects.count() == 60


@pytest.mark.parametrize("who", ["operator", "zi_lead", "member", "eselon1", "observer"])
def test_others_share_nothing(house, who):
    with pytest.raises(ShareRefused):
        share(house, by=getattr(house, who))


@pytest.mark.parametrize(
    "fields", [{"days": -1}, {"days": 400}, {"note": "  "}, {"note": "a\x00b"}, {"code": "X.1"}]
)
def test_what_makes_no_page_is_refused_with_a_sentence(house, fields):
    with pytest.raises(ShareRefused) as refusal:
        share(house, **fields)

    assert str(refusal.value).endswith(".")
    assert not SharePage.objects.exists()


def test_an_opening_is_history(client, house, piece):
    client.get(page_url(share(house).key))

    with pytest.raises(DatabaseError), transaction.atomic():
        ShareOpening.objects.all().delete()


def test_revoking_is_kept_and_happens_once(client, house, piece):
    new = share(house)
    client.force_login(house.head)
    address = reverse("assessments:share_revoke", args=[house.assessment.pk, new.page.pk])

    client.post(address)
    client.post(address)

    new.page.refresh_from_db()
    assert new.page.revoked_by == house.head
    assert AuditEntry.objects.filter(action="evidence_share_revoked").count() == 1


def test_the_statements_do_not_grow(client, house, piece):
    key = share(house).key
    client.force_login(house.head)
    listed = reverse("assessments:share_list", args=[house.assessment.pk])
    counts = []
    for more in (0, 12):
        for number in range(more):
            share(house, note=f"TPN {number}")
            extra = evidence.add_link(
                unit=house.unit, url=f"https://contoh.go.id/{number}", by=house.operator
            )
            evidence.attach(
                assessment=house.assessment, code=CODE, evidence=extra, by=house.operator
            )
        found = []
        for address in (listed, page_url(key)):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found.append(statements(queries))
        counts.append(found)

    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12
