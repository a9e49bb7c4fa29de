"""Pages of people: list, one person with his duties, and the roles they are given."""

from __future__ import annotations

from copy import copy
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from units import permissions, reports, services
from units.forms import EndForm, GrantForm, PersonFilter, PersonForm
from units.models import Membership, Unit, User
from units.services.people import (
    INVITED_AT_ONCE,
    Invited,
    invitable,
    invite_many,
    lately_invited,
)
from zona.audit import SYSTEM

PAGE_ROWS = 40
SORTS = {"nama": "name", "nip": "nip", "jabatan": "position", "masuk": "last_login"}


@login_required
@require_safe
def person_list(request):
    """List the people whom the person may see, 40 a page."""
    if not permissions.can_view_people(request.user):
        raise PermissionDenied
    form = PersonFilter(request.GET)
    seen = Membership.objects.visible_to(request.user).in_force()
    people = form.narrow(User.objects.visible_to(request.user), memberships=seen)
    sort = request.GET.get("urut", "")
    field = SORTS.get(sort.removeprefix("-"), "name")
    order = f"-{field}" if sort.startswith("-") and field else field
    page = Paginator(people.for_list(seen).order_by(order, "pk"), PAGE_ROWS)
    context = {
        "form": form,
        "sort": sort or "nama",
        "page": page.get_page(request.GET.get("hal")),
        "can_manage": permissions.can_manage_people(request.user),
    }
    return render(request, "units/person_list.html", context)


def _person(request, pk) -> User:
    """Return a person whom the asking one may see; 404 otherwise."""
    if not permissions.can_view_people(request.user) and pk != request.user.pk:
        raise PermissionDenied
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


@login_required
@require_safe
def person_detail(request, pk):
    """Show a person: what he may do and why, all his roles, his account's history."""
    person = _person(request, pk)
    user = request.user
    roles = Membership.objects.filter(user=person)
    if person.pk != user.pk:
        roles = roles.visible_to(user)
    context = {
        "person": person,
        "duties": reports.duties_of(person, roles),
        "roles": reports.role_lines(roles, by=user),
        "can_manage": permissions.can_manage_person(user, person),
        "can_deactivate": permissions.can_deactivate_person(user, person),
        "can_grant": permissions.can_manage_people(user) and person.pk != user.pk,
        "history": reports.person_history(person) if permissions.can_manage_people(user) else (),
    }
    return render(request, "units/person_detail.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def person_create(request):
    """Make an account; the way to its first password is shown once."""
    if not permissions.can_manage_people(request.user):
        raise PermissionDenied
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = services.create_person(by=request.user, **form.person_values)
        return _password_link(request, person, is_new=True)
    return render(request, "units/person_form.html", {"form": form})


@login_required
@never_cache
@require_POST
def person_password(request, pk):
    """Make a person's password useless and show the way to a new one, once."""
    person = _person(request, pk)
    if not permissions.can_deactivate_person(request.user, person):
        raise PermissionDenied
    services.reset_password(person=person, by=request.user)
    person.refresh_from_db()
    return _password_link(request, person, is_new=False)


@login_required
@require_POST
def person_invite(request, pk):
    """Send a person the way to a first password by e-mail."""
    person = _person(request, pk)
    if not permissions.can_deactivate_person(request.user, person):
        raise PermissionDenied
    site = request.build_absolute_uri("/").rstrip("/")
    try:
        services.invite_person(person=person, by=request.user, site=site)
    except services.CannotInvite as refused:
        messages.error(request, str(refused))
    else:
        text = _("Undangan dikirim ke %(email)s.")
        messages.success(request, text % {"email": person.email})
    return redirect("units:person_detail", person.pk)


@login_required
@require_http_methods(["GET", "POST"])
def people_invite(request):
    """Invite many who have never signed in: shown with what hinders each, then done."""
    if not permissions.can_manage_people(request.user):
        raise PermissionDenied
    words = request.GET.get("q", "")[:100]
    fresh = User.objects.visible_to(request.user).active().filter(last_login=None)
    fresh = fresh.exclude(pk=request.user.pk).search(words).order_by("name", "pk")
    if request.method == "POST":
        keys = [key for key in request.POST.getlist("orang") if key.isdecimal() and len(key) < 18]
        site = request.build_absolute_uri("/").rstrip("/")
        results = invite_many(people=list(fresh.filter(pk__in=keys)), by=request.user, site=site)
    else:
        invited = lately_invited()
        results = [Invited(one, invitable(one, invited)) for one in fresh[:INVITED_AT_ONCE]]
    context = {
        "results": results,
        "going": sum(not one.refused for one in results),
        "is_done": request.method == "POST",
        "words": words,
        "total": fresh.count(),
    }
    return render(request, "units/people_invite.html", context)


def _password_link(request, person, *, is_new):
    link = request.build_absolute_uri(services.password_link_path(person))
    context = {"person": person, "link": link, "is_new": is_new}
    return render(request, "units/person_link.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def person_edit(request, pk):
    """Change an account."""
    person = _person(request, pk)
    if not permissions.can_manage_person(request.user, person):
        raise PermissionDenied
    form = PersonForm(request.POST or None, instance=copy(person))
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            services.update_person(
                person=person, by=request.user, version=form.seen_version, **form.person_values
            )
        except services.RowChanged as changed:
            entries = reports.entries(SYSTEM, "person.", f"user:{person.pk}")
            conflict = reports.row_conflict(changed.current, form.person_values, entries)
            form.show_newer(changed.current.version)
        else:
            messages.success(request, _("Data %(person)s tersimpan.") % {"person": person})
            return redirect("units:person_detail", person.pk)
    context = {"form": form, "person": person, "conflict": conflict}
    return render(request, "units/person_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def person_deactivate(request, pk):
    """Close an account, after showing what the person still holds."""
    person = _person(request, pk)
    if not permissions.can_deactivate_person(request.user, person):
        raise PermissionDenied
    if request.method == "POST":
        end_roles = request.POST.get("end_roles") == "1"
        count = services.deactivate_person(person=person, by=request.user, end_roles=end_roles)
        text = _("Akun %(person)s dinonaktifkan; %(count)d sesi diakhiri.")
        messages.success(request, text % {"person": person, "count": count})
        return redirect("units:person_detail", person.pk)
    open_roles = person.memberships.in_force().select_related("unit")
    context = {"person": person, "open_roles": open_roles}
    return render(request, "units/person_deactivate.html", context)


@login_required
@require_POST
def person_reactivate(request, pk):
    """Open a closed account again."""
    person = _person(request, pk)
    if not permissions.can_deactivate_person(request.user, person):
        raise PermissionDenied
    services.reactivate_person(person=person, by=request.user)
    messages.success(request, _("Akun %(person)s aktif kembali.") % {"person": person})
    return redirect("units:person_detail", person.pk)


@login_required
@require_http_methods(["GET", "POST"])
def person_grant(request, pk):
    """Give a person a role on some unit."""
    person = _person(request, pk)
    if not permissions.can_manage_people(request.user) or person.pk == request.user.pk:
        raise PermissionDenied
    form = GrantForm(request.POST or None, by=request.user, person=person)
    if request.method == "POST" and form.is_valid() and _granted(request, form):
        return redirect("units:person_detail", person.pk)
    return render(request, "units/grant_form.html", {"form": form, "person": person})


@login_required
@require_http_methods(["GET", "POST"])
def membership_grant(request, pk):
    """Give somebody a role on this unit."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user), pk=pk)
    if not permissions.can_manage_unit_people(request.user, unit):
        raise PermissionDenied
    form = GrantForm(request.POST or None, by=request.user, unit=unit)
    if request.method == "POST" and form.is_valid() and _granted(request, form):
        return redirect(unit)
    return render(request, "units/grant_form.html", {"form": form, "unit": unit})


def _granted(request, form) -> bool:
    """Give the role of a valid form; tell the form why not where it cannot be given."""
    try:
        rows = services.grant_membership(by=request.user, **form.grant_values)
    except services.MembershipExists:
        form.add_error(None, _("Orang ini sudah memegang peran itu pada tanggal tersebut."))
        return False
    except services.GrantRefused:
        form.add_error(None, _("Peran ini di luar wewenang Anda."))
        return False
    words = {"person": rows[0].user, "role": rows[0].get_role_display(), "unit": rows[0].unit.label}
    messages.success(request, _("%(person)s menjadi %(role)s di %(unit)s.") % words)
    return True


@login_required
@require_http_methods(["GET", "POST"])
def membership_end(request, pk):
    """End a role."""
    seen = Membership.objects.visible_to(request.user).select_related("unit", "user")
    membership = get_object_or_404(seen, pk=pk)
    if not permissions.can_end_membership(request.user, membership):
        raise PermissionDenied
    yesterday = timezone.localdate() - timedelta(days=1)
    form = EndForm(request.POST or None, initial={"last_day": yesterday})
    if request.method == "POST" and form.is_valid():
        last_day = form.cleaned_data["last_day"]
        try:
            services.end_membership(membership=membership, last_day=last_day, by=request.user)
        except services.MembershipGone:
            messages.info(request, _("Peran ini baru saja diubah atau diakhiri orang lain."))
        else:
            text = _("Peran %(person)s diakhiri.")
            messages.success(request, text % {"person": membership.user})
        return redirect(membership.unit)
    return render(request, "units/membership_end.html", {"form": form, "membership": membership})
