"""What the page of a team prints: the four ranks with their people, lacking ones included."""

from __future__ import annotations

import dataclasses

from assessments.catalog import catalog_of
from assessments.models import Assessment, Rank
from units.access import belongs_to, load_access


@dataclasses.dataclass(frozen=True, slots=True)
class Seat:
    """One person on a team. ``belongs`` warns that he has joined the unit since."""

    pk: int
    user_id: int
    name: str
    position: str
    areas: tuple[str, ...]
    assisted: bool
    belongs: bool


@dataclasses.dataclass(frozen=True, slots=True)
class RankRow:
    """A rank and who holds it; nobody means that the team is not complete."""

    rank: str
    label: str
    seats: tuple[Seat, ...]


def team_places(assessment: Assessment) -> tuple[RankRow, ...]:
    """Return the team in the order of its ranks; two queries."""
    team = list(assessment.team.select_related("user"))
    load_access(member.user for member in team)
    names = {section.code: section.label for section in catalog_of(assessment.instrument).sections}
    return tuple(
        RankRow(
            rank=rank.value,
            label=str(rank.label),
            seats=tuple(
                Seat(
                    pk=member.pk,
                    user_id=member.user_id,
                    name=str(member.user),
                    position=member.user.position,
                    areas=tuple(names.get(code, code) for code in member.areas),
                    assisted=member.assisted,
                    belongs=belongs_to(member.user, assessment.unit),
                )
                for member in team
                if member.rank == rank
            ),
        )
        for rank in Rank
    )
