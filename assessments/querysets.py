"""Facts about many worksheets, answers, documents and scores, each page's joins in one place."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Count, F, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce

from units.access import Permission, access_of, has_permission
from units.querysets import UnitOwnedQuerySet


class PeriodQuerySet(models.QuerySet):
    """Rounds of assessment."""

    def current(self):
        """Return the newest open period, or the newest of all; None when there is none."""
        return self.order_by("-is_open", "-year", "name").select_related("instrument").first()


class AssessmentQuerySet(UnitOwnedQuerySet):
    """Worksheets."""

    view_permission = Permission.ASSESSMENT_VIEW

    def with_place_of(self, user):
        """Bring the person's rank and areas on each team along, so that no query asks again."""
        places = self.model._meta.get_field("team").related_model.objects.filter(
            assessment=OuterRef("pk"), user=user
        )
        return self.annotate(
            place_user=Value(user.pk),
            place_rank=Subquery(places.values("rank")),
            place_areas=Subquery(places.values("areas")),
        )

    def with_window(self):
        """Bring the window of the present stage along, with the unit's extension of it."""
        period = self.model._meta.get_field("period").related_model
        windows = period._meta.get_field("windows").related_model.objects.filter(
            period=OuterRef("period"), stage=OuterRef("state")
        )
        longer = period._meta.get_field("extensions").related_model.objects.filter(
            period=OuterRef("period"), unit=OuterRef("unit"), stage=OuterRef("state")
        )
        return self.annotate(
            window_stage=F("state"),
            window_opens=Subquery(windows.values("opens_on")[:1]),
            window_closes=Subquery(windows.values("closes_on")[:1]),
            window_until=Subquery(longer.order_by("-pk").values("until")[:1]),
        )

    def with_totals(self):
        """Bring the stored totals of unit and TPI along, so that no query asks for them."""
        scores = self.model._meta.get_field("scores").related_model.objects.filter(
            assessment=OuterRef("pk")
        )
        return self.annotate(
            **{
                f"{track}_total": Subquery(scores.filter(track=track).values("safe_total"))
                for track in ("unit", "tpi")
            }
        )

    def with_objections(self):
        """Bring along how many objections there are, wait for an answer, and were accepted."""
        rows = self.model._meta.get_field("objections").related_model.objects.filter(
            assessment=OuterRef("pk")
        )

        def count(**which):
            counted = rows.filter(**which).order_by().values("assessment").annotate(n=Count("pk"))
            return Coalesce(Subquery(counted.values("n")), Value(0))

        return self.annotate(
            objection_count=count(),
            objections_waiting=count(verdict=""),
            objections_accepted=count(verdict="accepted"),
        )

    def newest_versions(self):
        """Keep the version of each worksheet that nothing supersedes."""
        return self.filter(superseded_by=None)

    def for_page(self):
        """Load a worksheet with what every page of it names, in one query."""
        rows = self.with_window().select_related(
            "unit", "unit__parent", "period", "instrument", "assignment"
        )
        return rows.defer("instrument__document")

    def for_save(self):
        """Load a worksheet with what a save of one row needs, in one query."""
        rows = self.with_window().select_related("unit", "period", "instrument", "assignment")
        return rows.defer("instrument__document", "without_self_reason")

    def for_list(self):
        """Load worksheets with the scores of both tracks, in two queries."""
        scores = self.model._meta.get_field("scores").related_model.objects.defer("figures")
        return self.select_related("unit", "unit__parent", "period").prefetch_related(
            Prefetch("scores", queryset=scores)
        )


class AnswerQuerySet(UnitOwnedQuerySet):
    """Answers of all tracks."""

    unit_path = "assessment__unit"
    view_permission = Permission.ASSESSMENT_VIEW

    def answered(self):
        """Keep the rows that have a value."""
        return self.filter(~Q(choice="") | Q(inputs__isnull=False))

    def unanswered(self):
        """Keep the rows without a value."""
        return self.filter(choice="", inputs__isnull=True)

    def for_scoring(self):
        """Load code, choice and counts in worksheet order, in one query."""
        return self.order_by("indicator__position").values_list(
            "indicator__code", "choice", "inputs"
        )

    def for_sheet(self):
        """Load the rows of a worksheet page in order, in one query."""
        return self.select_related("indicator", "changed_by").order_by("indicator__position")


class EvidenceQuerySet(UnitOwnedQuerySet):
    """A unit's documents and links."""

    view_permission = Permission.ASSESSMENT_VIEW

    def newest(self):
        """Keep the documents that no later upload replaces."""
        return self.filter(replaced_by=None)

    def for_library(self):
        """Load the library with the number of uses of each piece, in one query."""
        return self.select_related("uploaded_by").annotate(use_count=Count("uses"))


class ActivityQuerySet(UnitOwnedQuerySet):
    """Activities of work plans."""

    view_permission = Permission.ASSESSMENT_VIEW

    def of_year(self, unit, year: int):
        """Keep the activities of a unit that are due within a year."""
        return self.filter(unit=unit, due_on__range=(date(year, 1, 1), date(year, 12, 31)))

    def for_list(self):
        """Load activities with who answers for them, their proof and their rows; two queries."""
        loaded = self.select_related("owner", "proof", "done_by")
        rows = self.model._meta.get_field("indicators").related_model.objects
        return loaded.prefetch_related(Prefetch("indicators", rows.only("code", "section")))


class PaperQuerySet(UnitOwnedQuerySet):
    """Papers of the journey: those of a unit for who sees it, letters for the inspectorate."""

    view_permission = Permission.ASSESSMENT_VIEW

    def visible_to(self, user):
        """Keep what the person may fetch; what names many units stays with Itjen."""
        if access_of(user).units_q(Permission.TPI_TRACK_VIEW) is None:
            return self
        return super().visible_to(user).filter(proposal=None, plenary=None)

    def for_list(self):
        """Load papers with their documents, the newest first."""
        return self.select_related("document__created_by").order_by("-document_id")


class ScoreQuerySet(UnitOwnedQuerySet):
    """Stored figures."""

    unit_path = "assessment__unit"
    view_permission = Permission.ASSESSMENT_VIEW


class ScenarioQuerySet(UnitOwnedQuerySet):
    """Scenarios."""

    unit_path = "assessment__unit"
    view_permission = Permission.ASSESSMENT_VIEW

    def visible_to(self, user):
        """Keep a person's own scenarios and the shared ones whose track he sees in full."""
        rows = super().visible_to(user).filter(Q(created_by=user) | Q(is_shared=True))
        if has_permission(user, Permission.TPI_TRACK_VIEW):
            return rows
        return rows.filter(Q(track="unit") | Q(assessment__state="final"))

    def for_page(self):
        """Load scenarios with who made them and how many rows they answer otherwise."""
        return self.select_related("created_by").annotate(answer_count=Count("answers"))


class CommentQuerySet(UnitOwnedQuerySet):
    """Comments beside rows."""

    unit_path = "assessment__unit"
    view_permission = Permission.ASSESSMENT_VIEW

    def visible_to(self, user):
        """Keep what the person may read: threads of the inspectorate only for its own people."""
        rows = super().visible_to(user)
        return rows if access_of(user).is_itjen else rows.filter(internal=False)


class PhraseQuerySet(models.QuerySet):
    """Phrases for conditions."""

    def visible_to(self, user):
        """Keep a person's own phrases, and for the inspectorate what its people share."""
        if access_of(user).is_itjen:
            return self.filter(Q(owner=user) | Q(is_shared=True))
        return self.filter(owner=user)


class ObjectionQuerySet(UnitOwnedQuerySet):
    """Objections to rows of final worksheets."""

    unit_path = "assessment__unit"
    view_permission = Permission.ASSESSMENT_VIEW
