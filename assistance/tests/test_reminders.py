"""Reminders: on which days, to whom, one a day, and each mail once though the sender is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPException

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from assessments.control.services import nudge
from assessments.models import State
from assessments.tests.factories import grant, make_user
from assistance.models import Digest, Recommendation, Source
from assistance.services.follow_up import Proof, move
from assistance.services.reminders import STALE, is_reminded, prepare, send_waiting
from units.access import Role
from units.models import User
from zona.models import Notification

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def addresses(house):
    """Everybody has a mail address."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@unit.example")


def due(row, days):
    Recommendation.objects.filter(pk=row.pk).update(
        due_on=timezone.localdate() + timedelta(days=days)
    )


def test_what_the_secretariat_reminds_of_goes_along_in_the_daily_mail_once(house):
    today = timezone.localdate()
    nudge(period=house.period, sheets=[house.assessment], by=house.secretariat)

    written = [prepare(today), prepare(today), prepare(today + timedelta(days=1))]
    send_waiting()

    assert written == [2, 0, 0]
    assert {message.to[0] for message in mail.outbox} == {
        "head@unit.example",
        "zi_lead@unit.example",
    }
    assert mail.outbox[0].subject == "Sekretariat mengingatkan 1 LKE"
    assert f"/lke/{house.assessment.pk}/" in mail.outbox[0].body
    # The notice was given when he was reminded; the mail brings no second one.
    assert Notification.objects.filter(user=house.head).count() == 1


@pytest.mark.parametrize(
    ("left", "told"),
    [
        *((n, True) for n in (14, 7, 3, 1, -1, -8, -15)),
        *((n, False) for n in (15, 13, 8, 4, 2, 0, -2, -7, -9)),
    ],
)
def test_a_due_date_is_told_of_on_these_days(left, told):
    today = timezone.localdate()

    assert is_reminded(today + timedelta(days=left), today) is told


def test_one_digest_a_day_holds_all_that_a_person_owns(house, write):
    first, late, far = write(), write(owner=house.operator), write()
    due(first, 7), due(late, -1), due(far, 10)

    assert (prepare(), prepare()) == (1, 0)
    assert send_waiting() == {"sent": 1, "failed": 0}
    assert send_waiting() == {"sent": 0, "failed": 0}

    message = mail.outbox[0]
    assert (len(mail.outbox), message.to) == (1, ["operator@unit.example"])
    assert first.code in message.body
    assert late.code in message.body
    assert far.code not in message.body
    assert "1 lewat tenggat" in message.subject
    assert Notification.objects.filter(user=house.operator, kind="recommendation_due").count() == 1


def test_everybody_who_holds_the_role_is_told_and_nobody_else(house, write):
    colleague = make_user("rekan", email="rekan@unit.example")
    grant(colleague, Role.UNIT_OPERATOR, house.unit)
    elsewhere = make_user("lain", email="lain@unit.example")
    grant(elsewhere, Role.UNIT_OPERATOR, house.sibling)
    due(write(), 3)

    prepare()

    assert set(Digest.objects.values_list("user__username", flat=True)) == {"operator", "rekan"}


def test_who_left_the_unit_is_not_told_any_more(house, write):
    due(write(owner=house.operator), 3)
    house.unit.memberships.filter(user=house.operator).delete()

    assert prepare() == 0


def test_what_waits_for_the_inspectorate_reminds_nobody(house, write):
    row = write()
    due(row, 1)
    move(row=row, name="selesai", by=house.operator, text="x", proof=Proof(url="https://a.example"))

    assert prepare() == 0


def test_what_an_evaluation_keeps_inside_is_not_told_outside(house, write):
    row = write(source=Source.DESK)
    due(row, 1)
    assert prepare() == 0

    type(house.assessment).objects.filter(pk=house.assessment.pk).update(
        state=State.FINAL, finalized_at=timezone.now()
    )

    assert prepare() == 1


def test_without_an_address_the_notice_stands_alone(house, write):
    User.objects.filter(pk=house.operator.pk).update(email="")
    due(write(), 1)

    prepare()
    send_waiting()

    assert Digest.objects.get().state == Digest.State.NO_ADDRESS
    assert Notification.objects.filter(user=house.operator).exists()
    assert mail.outbox == []


class Refusing(EmailBackend):
    """A server that takes nothing."""

    def send_messages(self, messages):
        """Refuse."""
        raise SMTPException("try again later")


def test_a_refused_mail_is_tried_again_five_times(house, write, settings):
    due(write(), 1)
    prepare()
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"

    states = []
    for _attempt in range(6):
        send_waiting()
        states.append(Digest.objects.get().state)

    assert states == ["queued"] * 4 + ["failed"] * 2


def test_what_another_worker_claimed_is_not_sent_again(house, write):
    due(write(), 1)
    prepare()
    Digest.objects.update(state=Digest.State.SENDING, claimed_at=timezone.now())

    send_waiting()
    assert (Digest.objects.get().state, mail.outbox) == (Digest.State.SENDING, [])

    Digest.objects.update(claimed_at=timezone.now() - STALE - timedelta(seconds=1))
    send_waiting()
    assert (Digest.objects.get().state, mail.outbox) == (Digest.State.UNCERTAIN, [])


def arrived(folder: Path) -> Counter:
    """Count the mails in a folder by their Message-ID."""
    texts = [path.read_text() for path in folder.glob("*")]
    return Counter(re.findall(r"^Message-ID: (\S+)", "\n".join(texts), re.MULTILINE))


@pytest.mark.django_db(transaction=True)
def test_each_mail_goes_once_though_the_sender_is_killed(house, write, settings, tmp_path):
    for number in range(6):
        user = make_user(f"pemilik{number}", email=f"pemilik{number}@unit.example")
        grant(user, Role.UNIT_OPERATOR, house.unit)
        due(write(owner=user), 1)
    prepare()
    folder, mark = tmp_path / "mail", tmp_path / "third"
    folder.mkdir()
    sender = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "assistance.tests.slow_mail",
            connection.settings_dict["NAME"],
            folder,
        ],
        cwd=django_settings.BASE_DIR,
        env=os.environ | {"SLOW_MAIL_MARK": str(mark), "DJANGO_SETTINGS_MODULE": "zona.settings"},
    )
    try:
        until = time.monotonic() + 90
        while not mark.exists() and sender.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert mark.exists()
    finally:
        os.kill(sender.pid, signal.SIGKILL)
        sender.wait()
    assert len(arrived(folder)) == 3
    assert Counter(Digest.objects.values_list("state", flat=True)) == {
        "sent": 2,
        "sending": 1,
        "queued": 3,
    }

    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(folder)
    prepare()
    send_waiting()
    Digest.objects.filter(state="sending").update(claimed_at=timezone.now() - 2 * STALE)
    send_waiting()

    wanted = {f"<rekomendasi-{pk}@zona>": 1 for pk in Digest.objects.values_list("pk", flat=True)}
    assert arrived(folder) == wanted
    assert len(wanted) == 6
    assert Counter(Digest.objects.values_list("state", flat=True)) == {"sent": 5, "uncertain": 1}
