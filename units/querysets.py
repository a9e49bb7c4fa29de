"""Facts about many units and memberships: what a person can see, who is in force."""

from __future__ import annotations

from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Count, F, Func, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from units.access import Permission, access_of


class InTreeOrder(Func):
    """A unit's path as a sort key: byte by byte, so that a unit comes before all below it.

    PostgreSQL's usual collations skip the dots of a path and would mix branches.
    """

    template = "%(expressions)s"
    arity = 1

    def as_postgresql(self, compiler, connection, **context):
        """Add the collation that compares bytes."""
        return super().as_sql(
            compiler, connection, template='%(expressions)s COLLATE "C"', **context
        )


class UnitOwnedQuerySet(models.QuerySet):
    """Rows that belong to a unit; ``unit_path`` names the way to it."""

    unit_path = "unit"
    view_permission = Permission.UNIT_VIEW

    def visible_to(self, user):
        """Keep the rows of the units that the person may see. One condition, no list of ids."""
        prefix = f"{self.unit_path}__" if self.unit_path else ""
        condition = access_of(user).units_q(self.view_permission, prefix)
        return self if condition is None else self.filter(condition)


class UnitQuerySet(UnitOwnedQuerySet):
    """Work units."""

    unit_path = ""

    def below(self, unit, *, itself=True):
        """Keep a unit and all below it."""
        rows = self.filter(path__startswith=unit.path)
        return rows if itself else rows.exclude(pk=unit.pk)

    def active(self):
        """Keep the units that are not closed."""
        return self.filter(is_active=True)

    def assessable(self):
        """Keep the units for which a worksheet may be opened."""
        return self.active().exclude(level="ministry")

    def in_tree_order(self):
        """Sort so that each unit is followed by all below it."""
        return self.order_by(InTreeOrder(F("path")))

    def for_list(self):
        """Load units with their parent and ``people_count`` (today's members), in one query."""
        members = self.model._meta.get_field("memberships").related_model.objects.in_force()
        counted = (
            members.filter(unit=OuterRef("pk"))
            .order_by()
            .values("unit")
            .annotate(people=Count("user", distinct=True))
            .values("people")
        )
        return self.select_related("parent").annotate(
            people_count=Coalesce(Subquery(counted), Value(0))
        )

    def search(self, text):
        """Keep the units whose code, name, short name or province contains the text."""
        for word in text.split():
            self = self.filter(
                Q(code__icontains=word)
                | Q(name__icontains=word)
                | Q(short_name__icontains=word)
                | Q(province__icontains=word)
            )
        return self


class MembershipQuerySet(UnitOwnedQuerySet):
    """Roles of people on units."""

    view_permission = Permission.PEOPLE_VIEW

    def in_force(self, day=None):
        """Keep the roles that hold on a day (today in WIB)."""
        day = day or timezone.localdate()
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))


class UserQuerySet(models.QuerySet):
    """People."""

    def active(self):
        """Keep the people who may sign in."""
        return self.filter(is_active=True)

    def visible_to(self, user):
        """Keep the people whom the person may see: himself, and the members of his units."""
        condition = access_of(user).units_q(Permission.PEOPLE_VIEW, "memberships__unit__")
        if condition is None:
            return self
        return self.filter(condition | Q(pk=user.pk)).distinct()

    def for_list(self, memberships):
        """Load people with ``roles``: those of the given memberships, in two queries."""
        roles = memberships.select_related("unit").order_by("role", "unit__path")
        return self.prefetch_related(Prefetch("memberships", queryset=roles, to_attr="roles"))

    def search(self, text):
        """Keep the people whose name, username, NIP or e-mail contains the text."""
        for word in text.split():
            self = self.filter(
                Q(name__icontains=word)
                | Q(username__icontains=word)
                | Q(nip__icontains=word)
                | Q(email__icontains=word)
            )
        return self


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):
    """Makes accounts; brings the queryset's questions."""
