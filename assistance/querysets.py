"""Facts about many recommendations: who sees them, how old and how late they are."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from units.access import Permission, access_of
from units.querysets import UnitOwnedQuerySet

AGE_STEPS = (30, 60, 90)
"""Days after which an open recommendation counts as older; the last step has no end."""
CODE = re.compile(r"r-?\d{4}-(\d{1,9})", re.IGNORECASE)
LIVING_STATES = ("open", "under_way", "reported", "not_met")


def _start(day: date) -> datetime:
    """Return the first moment of a day in WIB."""
    return timezone.make_aware(datetime.combine(day, time.min))


def age_conditions(today: date) -> dict[int, Q]:
    """Return, per age step, the condition that the living ones of that age meet."""
    bounds = (0, *AGE_STEPS)
    found = {}
    for step, following in zip(bounds, (*AGE_STEPS, None), strict=True):
        condition = Q(state__in=LIVING_STATES)
        if step:
            condition &= Q(created_at__lt=_start(today - timedelta(days=step)))
        if following:
            condition &= Q(created_at__gte=_start(today - timedelta(days=following)))
        found[step] = condition
    return found


def owned_q(user) -> Q:
    """Return the condition of those whose owner the person is, by name or by his role."""
    mine = Q(owner_user=user)
    for grant in access_of(user).unit_grants:
        mine |= Q(owner_role=grant.role, unit=grant.unit_id)
    return mine


class RecommendationQuerySet(UnitOwnedQuerySet):
    """Recommendations of units."""

    view_permission = Permission.ASSESSMENT_VIEW

    def visible_to(self, user):
        """Keep what the person may see.

        What came out of an evaluation tells the TPI's side, so that it stays with the
        inspectorate until the worksheet is final.
        """
        rows = super().visible_to(user)
        if access_of(user).units_q(Permission.TPI_TRACK_VIEW) is None:
            return rows
        return rows.exclude(Q(source="desk") & ~Q(assessment__state="final"))

    def living(self):
        """Keep those for which something is still to be done."""
        return self.filter(state__in=LIVING_STATES)

    def overdue(self, today: date | None = None):
        """Keep the living ones whose due date has passed."""
        return self.living().filter(due_on__lt=today or timezone.localdate())

    def owned_by(self, user):
        """Keep those whose owner the person is, by name or by his role in the unit."""
        return self.filter(owned_q(user))

    def aged(self, step: int, today: date | None = None):
        """Keep the living ones by age: ``step`` 0 up to 30 days, 30, 60, and 90 for older."""
        return self.filter(age_conditions(today or timezone.localdate())[step])

    def for_list(self):
        """Load a list's rows with unit, indicator, owner and whether a wish waits; one query."""
        waiting = self.model._meta.get_field("extensions").related_model.objects.waiting()
        return self.select_related("unit", "indicator", "owner_user").annotate(
            wish_waits=Exists(waiting.filter(recommendation=OuterRef("pk")))
        )

    def search(self, text: str):
        """Keep those whose number, unit, indicator or words contain the text."""
        for word in text.replace("\x00", " ").split():
            code = CODE.fullmatch(word)
            if code:
                self = self.filter(pk=int(code.group(1)))
                continue
            self = self.filter(
                Q(advice__icontains=word)
                | Q(condition__icontains=word)
                | Q(unit__name__icontains=word)
                | Q(unit__code__icontains=word)
                | Q(indicator__code__icontains=word)
            )
        return self

    def counts(self, today: date, **further: Q) -> dict[str, int]:
        """Count the living, the overdue, those to verify and each age; one query."""
        living = Q(state__in=LIVING_STATES)
        asked = {
            "living": living,
            "overdue": living & Q(due_on__lt=today),
            "reported": Q(state="reported"),
            "repeated": living & Q(repeats__isnull=False),
            "done": Q(state="done"),
            "every": Q(),
        }
        ages = age_conditions(today)
        asked |= {f"age_{step}": condition for step, condition in ages.items()}
        asked |= further
        return self.order_by().aggregate(
            **{name: Count("pk", filter=condition) for name, condition in asked.items()}
        )


class ExtensionQuerySet(UnitOwnedQuerySet):
    """Wishes for later due dates."""

    unit_path = "recommendation__unit"
    view_permission = Permission.ASSESSMENT_VIEW

    def waiting(self):
        """Keep those that nobody has decided."""
        return self.filter(decision="")


class VisitQuerySet(UnitOwnedQuerySet):
    """Visits to units."""

    view_permission = Permission.ASSESSMENT_VIEW

    def for_list(self):
        """Load visits with unit, period, letter and team, in two queries."""
        return self.select_related("unit", "assessment__period", "assignment").prefetch_related(
            "team__user"
        )

    def for_page(self):
        """Load a visit with all that its pages name, in one query."""
        return self.select_related(
            "unit",
            "unit__parent",
            "assignment",
            "scenario",
            "assessment__period",
            "assessment__instrument",
            "created_by",
        ).defer("assessment__instrument__document")

    def with_place_of(self, user):
        """Bring along whether the person is on the team, so that no query asks again."""
        members = self.model._meta.get_field("team").related_model.objects.filter(
            visit=OuterRef("pk"), user=user
        )
        return self.annotate(place_user=Value(user.pk), is_on_team=Exists(members))

    def with_counts(self):
        """Bring along how many rows were checked and how many recommendations came of it."""
        checks = self.model._meta.get_field("checks").related_model.objects
        advice = self.model._meta.get_field("recommendations").related_model.objects
        return self.annotate(
            checked_count=_counted(checks.exclude(changed_at=None)),
            advice_count=_counted(advice.all()),
        )


def _counted(rows):
    """Return how many of the rows belong to the outer visit, as a subquery."""
    counted = (
        rows.filter(visit=OuterRef("pk"))
        .order_by()
        .values("visit")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counted), Value(0))
