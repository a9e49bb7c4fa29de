"""Accounts of people: made, changed, closed and opened again; audited on the system's stream."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from units.models import Unit, User
from units.services.memberships import MembershipGone, close_membership
from units.services.tree import check_version, differences, save_changes
from zona import audit, jobs
from zona.models import Job

PERSON_FIELDS = ("username", "name", "nip", "position", "email")


class PersonIsOneself(Exception):
    """Nobody closes his own account."""


def _target(person: User) -> str:
    return f"user:{person.pk}"


@transaction.atomic
def create_person(
    *,
    by: User | None,
    username: str,
    name: str,
    email: str = "",
    nip: str = "",
    position: str = "",
    password: str | None = None,
) -> User:
    """Make an account without any role.

    password: None leaves it without a usable one; the person chooses it by ``password_link_path``.
    """
    person = User(username=username, name=name, email=email, nip=nip, position=position)
    person.set_password(password)
    person.save()
    data = {field: getattr(person, field) for field in PERSON_FIELDS}
    audit.record_system([audit.Fact("person.created", _target(person), data)], by=by)
    return person


@transaction.atomic
def update_person(*, person: User, by: User, version: int | None = None, **changes: Any) -> User:
    """Change name, position, NIP, e-mail or username of an account. Raises RowChanged."""
    person = User.objects.select_for_update().get(pk=person.pk)
    check_version(person, version)
    changed = differences(person, changes)
    if changed:
        save_changes(person, changed, changes)
        fact = audit.Fact("person.changed", _target(person), {"changes": changed})
        audit.record_system([fact], by=by)
    return person


@transaction.atomic
def deactivate_person(*, person: User, by: User, end_roles: bool = False) -> int:
    """Close an account and end its sessions at once; return how many sessions ended.

    end_roles: also end every role that the person holds, from today on.
    Raises PersonIsOneself for one's own account.
    """
    if person.pk == by.pk:
        raise PersonIsOneself
    today = timezone.localdate()
    if end_roles:
        # Units come before people in the order of locks; whoever grants a role holds the unit.
        held = person.memberships.in_force(today).values("unit")
        list(Unit.objects.select_for_update().filter(pk__in=held).order_by("pk").values("pk"))
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        return 0
    person.is_active = False
    person.save(update_fields=["is_active"])
    if end_roles:
        for membership in person.memberships.in_force(today).order_by("unit", "pk"):
            with contextlib.suppress(MembershipGone):
                close_membership(membership, last_day=today - timedelta(days=1), by=by)
    ended = end_sessions(person)
    data = {"end_roles": end_roles, "sessions": ended}
    audit.record_system([audit.Fact("person.deactivated", _target(person), data)], by=by)
    return ended


@transaction.atomic
def reactivate_person(*, person: User, by: User) -> User:
    """Open a closed account again; roles that ended meanwhile stay ended."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])
        audit.record_system([audit.Fact("person.reactivated", _target(person))], by=by)
    return person


@transaction.atomic
def reset_password(*, person: User, by: User) -> str:
    """Make the old password useless, end the sessions, and return the way to a new one."""
    person = User.objects.select_for_update().get(pk=person.pk)
    person.set_unusable_password()
    person.save(update_fields=["password"])
    end_sessions(person)
    audit.record_system([audit.Fact("person.password_reset", _target(person))], by=by)
    return password_link_path(person)


class CannotInvite(Exception):
    """No letter can be sent to this person; the text is a sentence for the user."""


def invite_person(*, person: User, by: User, site: str) -> Job:
    """Queue the letter by which a person chooses a first password.

    site: the address of this installation; SITE_URL comes first. Raises CannotInvite.
    """
    if not person.email:
        raise CannotInvite(_("Akun ini tidak mempunyai surel."))
    if not person.is_active:
        raise CannotInvite(_("Akun ini tidak aktif."))
    with transaction.atomic():
        audit.record_system([audit.Fact("person.invited", _target(person))], by=by)
        args = {"person": person.pk, "site": settings.SITE_URL or site}
        return jobs.enqueue("units.invitation", args=args, subject=_target(person), by=by)


INVITED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of inviting one of many; ``refused`` says why not, empty where a letter goes."""

    person: User
    refused: str


def invitable(person: User, invited: set[str]) -> str:
    """Return why a person is not invited together with others; empty when he is.

    invited: subjects of letters that were asked for within the last day.
    """
    if not person.is_active:
        return _("Akun ini tidak aktif.")
    if not person.email:
        return _("Akun ini tidak mempunyai surel.")
    if person.last_login is not None:
        return _("Sudah pernah masuk.")
    if _target(person) in invited:
        return _("Sudah diundang dalam sehari ini.")
    return ""


def lately_invited() -> set[str]:
    """Return whose invitations were asked for within the last day; one statement."""
    since = timezone.now() - timedelta(days=1)
    jobs_ = Job.objects.filter(kind="units.invitation", queued_at__gte=since)
    return set(jobs_.exclude(state=Job.State.FAILED).values_list("subject", flat=True))


def invite_many(*, people: Sequence[User], by: User, site: str) -> tuple[Invited, ...]:
    """Invite many people, each by a letter of his own; one who cannot be stops nobody else."""
    invited = lately_invited()
    results = []
    for person in people[:INVITED_AT_ONCE]:
        refused = invitable(person, invited)
        if not refused:
            invite_person(person=person, by=by, site=site)
        results.append(Invited(person, refused))
    return tuple(results)


def send_invitation(pk: int, *, site: str) -> str:
    """Send the letter and return the address; the way in it is made only now and never stored.

    Raises CannotInvite.
    """
    person = User.objects.filter(pk=pk, is_active=True).exclude(email="").first()
    if person is None:
        raise CannotInvite(_("Akun ini tidak aktif atau tidak mempunyai surel."))
    text = _(
        "Yth. {name},\n\nAkun Zona telah dibuat untuk Anda dengan nama pengguna {username}.\n"
        "Buat kata sandi melalui tautan berikut. Tautan berlaku tiga hari dan satu kali.\n\n"
        "{link}\n\nAbaikan surel ini bila Anda tidak mengenalnya.\n"
    ).format(name=person, username=person.username, link=site + password_link_path(person))
    send_mail(_("[Zona] Undangan membuat kata sandi"), text, None, [person.email])
    return person.email


def password_link_path(person: User) -> str:
    """Return the address, valid once and for three days, where the person chooses a password."""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    uid, token = key.split("-", 1)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})


def end_sessions(person: User) -> int:
    """Delete every session in which the person is signed in; return how many there were.

    Reads all open sessions: they do not say in a column whose they are.
    """
    open_sessions = Session.objects.filter(expire_date__gte=timezone.now())
    theirs = [
        session.pk
        for session in open_sessions.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    return Session.objects.filter(pk__in=theirs).delete()[0]
