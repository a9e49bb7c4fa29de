"""Reminders: 14, 7, 3 and 1 days before a due date and weekly after it, one digest per person
and day, each mail once even when the worker is killed in between.

Decision: 0015-mail-at-most-once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.control.services import mark_mailed, unmailed
from assessments.models import Nudge, State
from assistance.models import WITH_UNIT, Digest, Recommendation, Source
from units.access import UNIT_ROLES
from units.models import Membership, User
from zona.models import Notification

DAYS_BEFORE = (14, 7, 3, 1)
WEEK_DAYS = 7
MORNING_HOUR = 6
MOST_ATTEMPTS = 5
STALE = timedelta(minutes=10)
LINES_SHOWN = 40
KIND = "recommendation_due"

logger = logging.getLogger(__name__)


def is_reminded(due_on: date, today: date) -> bool:
    """Tell whether a due date is told of today: on four days before it, on the first day after
    it, and each week from then on."""
    left = (due_on - today).days
    return left in DAYS_BEFORE or (left < 0 and (-left - 1) % WEEK_DAYS == 0)


def due_by_person(today: date) -> dict[User, list[Recommendation]]:
    """Return what each person is reminded of today, most pressing first; two statements.

    Only what is with the unit and shown to it: not what an evaluation under way keeps inside.
    """
    rows = (
        Recommendation.objects.filter(state__in=WITH_UNIT)
        .filter(Q(due_on__lt=today) | Q(due_on__in=[today + timedelta(n) for n in DAYS_BEFORE]))
        .exclude(Q(source=Source.DESK) & ~Q(assessment__state=State.FINAL))
        .select_related("unit", "indicator", "owner_user")
        .order_by("due_on", "pk")
    )
    rows = [row for row in rows if is_reminded(row.due_on, today)]
    members = (
        Membership.objects.in_force(today)
        .filter(unit__in={row.unit_id for row in rows}, role__in=UNIT_ROLES, user__is_active=True)
        .select_related("user")
    )
    holders: dict[tuple[int, str], list[User]] = defaultdict(list)
    people: dict[tuple[int, int], User] = {}
    for member in members:
        holders[member.unit_id, member.role].append(member.user)
        people[member.unit_id, member.user_id] = member.user
    found: dict[User, list[Recommendation]] = defaultdict(list)
    for row in rows:
        if row.owner_user_id is not None:
            # Who has left the unit is not told of its affairs any more.
            owners: Iterable[User] = filter(None, [people.get((row.unit_id, row.owner_user_id))])
        else:
            owners = holders[row.unit_id, row.owner_role]
        for owner in dict.fromkeys(owners):
            found[owner].append(row)
    return found


def prepare(today: date | None = None) -> int:
    """Write today's digests, with a notice in the application each; returns how many are new.

    What the secretariat reminds of goes along; where today's digest is written already it waits
    for tomorrow's. Running it again the same day writes nothing more for the same person.
    """
    today = today or timezone.localdate()
    written = 0
    due = due_by_person(today)
    nudged = unmailed(today)
    for user in {**due, **nudged}:
        rows, nudges = due.get(user, []), nudged.get(user, [])
        with transaction.atomic():
            _digest, is_new = Digest.objects.get_or_create(
                user=user,
                on=today,
                defaults={
                    "subject": _subject(rows, nudges, today),
                    "body": _body(user, rows, nudges, today),
                    "state": Digest.State.QUEUED if user.email else Digest.State.NO_ADDRESS,
                },
            )
            if not is_new:
                continue
            mark_mailed(nudges, today)
            if rows:
                Notification.objects.create(
                    user=user,
                    kind=KIND,
                    text=_subject(rows, [], today),
                    url=f"{reverse('assistance:register')}?tampil=saya",
                )
            written += 1
    return written


def _subject(rows: list[Recommendation], nudges: list[Nudge], today: date) -> str:
    if nudges:
        sheets = len({row.assessment_id for row in nudges})
        asked = ngettext(
            "Sekretariat mengingatkan %(n)d LKE", "Sekretariat mengingatkan %(n)d LKE", sheets
        ) % {"n": sheets}
        return f"{asked}; {_subject(rows, [], today)}" if rows else asked
    late = sum(row.due_on < today for row in rows)
    said = ngettext(
        "%(n)d rekomendasi menunggu tindak lanjut Anda",
        "%(n)d rekomendasi menunggu tindak lanjut Anda",
        len(rows),
    ) % {"n": len(rows)}
    return said if not late else _("{said}, {n} lewat tenggat").format(said=said, n=late)


def _body(user: User, rows: list[Recommendation], nudges: list[Nudge], today: date) -> str:
    lines = [_("Yth. {name},").format(name=user), ""]
    for nudge in nudges[:LINES_SHOWN]:
        sheet = nudge.assessment
        lines += [
            f"- LKE {sheet.unit.label}: {sheet.get_state_display()}",
            f"  {_('Menunggu Anda sejak')} {timezone.localtime(sheet.state_changed_at):%d-%m-%Y}",
            f"  {settings.SITE_URL}{reverse('assessments:worksheet_home', args=[sheet.pk])}",
        ]
    if len(nudges) > LINES_SHOWN:
        lines.append(_("dan {n} LKE lainnya.").format(n=len(nudges) - LINES_SHOWN))
    if nudges and rows:
        lines.append("")
    for row in rows[:LINES_SHOWN]:
        left = (row.due_on - today).days
        when = (
            _("lewat tenggat {n} hari").format(n=-left)
            if left < 0
            else _("{n} hari lagi").format(n=left)
        )
        lines += [
            f"- {row.code}, {row.unit.label}: {row.advice.splitlines()[0]}",
            f"  {_('Batas waktu')} {row.due_on:%d-%m-%Y} ({when})",
            f"  {settings.SITE_URL}{row.get_absolute_url()}",
        ]
    if len(rows) > LINES_SHOWN:
        lines.append(_("dan {n} lainnya.").format(n=len(rows) - LINES_SHOWN))
    lines += ["", _("Surel ini dikirim paling banyak sekali sehari.")]
    return "\n".join(lines)


def send_waiting() -> dict[str, int]:
    """Hand over every digest that waits; returns how many were sent and how many failed.

    Each is claimed by compare-and-set before it goes, so that two workers never send the same
    one. A server that refuses is asked again later, up to five times.
    """
    now = timezone.now()
    Digest.objects.filter(state=Digest.State.SENDING, claimed_at__lt=now - STALE).update(
        state=Digest.State.UNCERTAIN
    )
    counts = {"sent": 0, "failed": 0}
    waiting = Digest.objects.filter(state=Digest.State.QUEUED).select_related("user")
    digests = list(waiting)
    if not digests:
        return counts
    connection = get_connection()
    try:
        connection.open()
        for digest in digests:
            if _send(digest, connection):
                counts["sent"] += 1
            else:
                counts["failed"] += 1
    except OSError:
        # No server: nothing was claimed but what _send has put back.
        logger.warning("no mail server, digests wait", exc_info=True)
    finally:
        connection.close()
    return counts


def _send(digest: Digest, connection) -> bool:
    """Claim one digest and hand it over; False when somebody else has it or the server refuses."""
    mine = Digest.objects.filter(pk=digest.pk, state=Digest.State.QUEUED).update(
        state=Digest.State.SENDING, claimed_at=timezone.now(), attempts=F("attempts") + 1
    )
    if not mine:
        return False
    message = EmailMessage(
        digest.subject,
        digest.body,
        to=[digest.user.email],
        connection=connection,
        headers={"Message-ID": f"<rekomendasi-{digest.pk}@zona>"},
    )
    row = Digest.objects.filter(pk=digest.pk, state=Digest.State.SENDING)
    try:
        message.send()
    except (SMTPException, OSError):
        logger.warning("digest %s was refused", digest.pk, exc_info=True)
        last = digest.attempts + 1 >= MOST_ATTEMPTS
        row.update(state=Digest.State.FAILED if last else Digest.State.QUEUED)
        return False
    row.update(state=Digest.State.SENT, sent_at=timezone.now())
    return True
