"""What the secretariat did in its control room, in the demo: a reminder and an announcement."""

from __future__ import annotations

from datetime import timedelta

from assessments.control.services import announce, mark_mailed, mark_read, nudge
from assessments.demo.clock import StoryClock
from assessments.demo.story import Round
from assessments.models import Assessment, Nudge, Period, State
from units.models import User


def tell_control(*, period: Period, year: Round, clock: StoryClock, by: User) -> None:
    """Remind whoever is late, and announce the end of the self-assessment to the late units."""
    sheets = Assessment.objects.filter(period=period).newest_versions().select_related("unit")
    drafts = list(sheets.filter(state=State.DRAFT))
    clock.go_to(year.day(-4), 10, 15)
    nudge(period=period, sheets=drafts, by=by)
    mark_mailed(Nudge.objects.all(), clock.today)
    clock.go_to(year.day(-3), 8, 40)
    announcement = announce(
        units=[sheet.unit for sheet in sheets.exclude(state=State.FINAL)],
        by=by,
        title="Kelas daring pengisian LKE",
        text=(
            "Itjen membuka kelas daring tentang bukti dukung area pengawasan.\n\n"
            "Undangan dikirim ke surel operator; rekamannya dapat dilihat sesudahnya."
        ),
        starts_on=clock.today,
        ends_on=clock.today + timedelta(days=14),
    )
    people = User.objects.filter(memberships__unit__in=[sheet.unit for sheet in drafts[:1]])
    for person in people.distinct():
        mark_read(announcement=announcement, by=person)
