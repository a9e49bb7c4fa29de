"""A letter of assignment (surat tugas) as its paper prints it, for visits and evaluations alike."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string

from assessments.models import Assignment, Rank, TeamMember
from assessments.reports.circumstances import DocumentMark, House, Person
from assistance.models import VisitMember, VisitState
from zona.documents import qr_code

RANKS = (Rank.QUALITY, Rank.SUPERVISOR, Rank.LEAD, Rank.MEMBER)


@dataclass(frozen=True, slots=True)
class Order:
    """What the letter says: who goes, the highest rank first, and which units are the object.

    evaluated, visited: names of units, in order.
    """

    assignment: Assignment
    house: House
    document: DocumentMark
    people: tuple[Person, ...]
    evaluated: tuple[str, ...]
    visited: tuple[str, ...]


def build_order(assignment: Assignment, *, house: House, document: DocumentMark) -> Order:
    """Return a letter with all teams that work on it; each person once, in his highest rank."""
    assessing = TeamMember.objects.filter(assessment__assignment=assignment)
    visiting = VisitMember.objects.filter(visit__assignment=assignment).exclude(
        visit__state=VisitState.CANCELLED
    )
    places: dict[int, tuple[str, Person]] = {}
    for rank in RANKS:
        for rows in (assessing, visiting):
            for seat in rows.filter(rank=rank).select_related("user").order_by("user__name"):
                person = Person(
                    role=str(Rank(rank).label),
                    name=seat.user.name,
                    nip=seat.user.nip,
                    position=seat.user.position,
                )
                places.setdefault(seat.user_id, (rank, person))
    return Order(
        assignment=assignment,
        house=house,
        document=document,
        people=tuple(person for _rank, person in places.values()),
        evaluated=_names(assessing, "assessment__unit__name"),
        visited=_names(visiting, "visit__unit__name"),
    )


def _names(rows, field: str) -> tuple[str, ...]:
    return tuple(rows.order_by(field).values_list(field, flat=True).distinct())


def order_html(order: Order) -> str:
    """Return the letter as a page for ``zona.pdf.render``."""
    context = {
        "order": order,
        "letter": order.assignment,
        "house": order.house,
        "document": order.document,
        "qr": qr_code(order.document.verify_url),
    }
    return render_to_string("reports/assignment.html", context)
