"""What units and accounts add to the home page: pledges to complete, accounts without a role."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from units.access import Permission, access_of
from units.models import Membership, Unit, User
from zona.worklist import Task, TaskList, Tone


def tasks_of(user: User) -> TaskList | None:
    """Return what waits for the person in units and accounts; at most two queries."""
    access = access_of(user)
    tasks: list[Task] = []
    if access.has(Permission.UNIT_PEOPLE_MANAGE):
        tasks += _pledge_tasks(user)
    if access.has(Permission.PEOPLE_MANAGE):
        tasks += _account_tasks()
    return TaskList(tuple(tasks)) if tasks else None


def _pledge_tasks(user: User) -> Iterator[Task]:
    """Yield the declarations that are missing or not signed by all, of one's own units."""
    reach = access_of(user).units_q(Permission.UNIT_PEOPLE_MANAGE)
    missing = Q(pledge=None) | Q(pledge__signed_count__lt=F("staff_count"))
    for unit in Unit.objects.active().filter(reach).filter(missing).select_related("pledge"):
        pledge = getattr(unit, "pledge", None)
        if pledge is None:
            title = _("Catat pencanangan {unit}").format(unit=unit.label)
            place = _("Masa pembangunan dihitung sejak pencanangan.")
        else:
            title = _("Lengkapi pakta integritas {unit}").format(unit=unit.label)
            place = _("{n} dari {all} pegawai belum menandatangani.").format(
                n=unit.staff_count - pledge.signed_count, all=unit.staff_count
            )
        yield Task(
            title,
            reverse("units:pledge_edit", args=[unit.pk]),
            place,
            icon="file-pen-line",
            tone=Tone.WARN,
        )


def _account_tasks() -> Iterator[Task]:
    """Yield one line for all accounts that can sign in and see nothing."""
    held = Membership.objects.in_force().values("user")
    count = User.objects.active().exclude(pk__in=held).count()
    if count:
        yield Task(
            _("Beri peran kepada {n} akun").format(n=count),
            f"{reverse('units:person_list')}?peran=tanpa",
            _("Tanpa peran, orangnya dapat masuk tetapi tidak melihat apa pun."),
            icon="user-check",
        )
