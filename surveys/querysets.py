"""Facts about many surveys and results: who sees them, which one holds."""

from __future__ import annotations

from django.apps import apps
from django.db.models import F, Max, OuterRef, Prefetch, Q, Subquery

from units.access import Permission
from units.querysets import UnitOwnedQuerySet


class SurveyQuerySet(UnitOwnedQuerySet):
    """Surveys of units."""

    view_permission = Permission.SURVEY_VIEW

    def for_list(self):
        """Load surveys with unit, parts, ``answered`` and newest results, in three queries."""
        results = apps.get_model("surveys", "Result").objects.newest()
        return (
            self.select_related("unit")
            .annotate(answered=F("tally__sums__status__valid"))
            .prefetch_related(
                "parts",
                Prefetch(
                    "parts__results",
                    queryset=results.defer("document", "details"),
                    to_attr="newest",
                ),
            )
        )

    def for_public(self):
        """Load a survey as the public pages need it: its unit, the ministry's name, its parts."""
        units = apps.get_model("units", "Unit")
        ministry = units.objects.filter(parent=None).values("name")[:1]
        return (
            self.select_related("unit")
            .annotate(ministry=Subquery(ministry))
            .prefetch_related(
                Prefetch(
                    "parts",
                    queryset=apps.get_model("surveys", "SurveyPart").objects.select_related(
                        "questionnaire"
                    ),
                ),
                Prefetch(
                    "covered",
                    queryset=apps.get_model("surveys", "SurveyService").objects.select_related(
                        "service"
                    ),
                ),
            )
        )

    def due_to_close(self, day):
        """Keep the open surveys whose last day lies before a day."""
        return self.filter(state="open", closes_on__lt=day)

    def search(self, text):
        """Keep the surveys whose title, code or unit contains the words."""
        for word in text.split():
            self = self.filter(
                Q(title__icontains=word)
                | Q(code__iexact=word)
                | Q(unit__name__icontains=word)
                | Q(unit__code__icontains=word)
            )
        return self


class ResultQuerySet(UnitOwnedQuerySet):
    """Locked results."""

    unit_path = "part__unit"
    view_permission = Permission.SURVEY_VIEW

    def newest(self):
        """Keep the highest version of each part."""
        highest = (
            self.model.objects.filter(part=OuterRef("part"))
            .order_by()
            .values("part")
            .annotate(highest=Max("version"))
            .values("highest")
        )
        return self.filter(version=Subquery(highest))

    def in_force(self):
        """Keep the newest versions of surveys that were not reopened since."""
        return self.newest().filter(part__survey__state__in=("locked", "published"))

    def feeding(self, unit, year):
        """Keep what feeds the worksheet of a unit and year: one result per kind at most."""
        return (
            self.in_force()
            .filter(part__unit=unit, part__year=year, part__feeds_worksheet=True)
            .select_related("part__survey", "part__questionnaire")
        )

    def trend(self, unit):
        """Load the results that fed a unit's worksheets, oldest year first."""
        return (
            self.in_force()
            .filter(part__unit=unit, part__feeds_worksheet=True)
            .select_related("part__survey")
            .order_by("part__kind", F("part__year"))
        )
