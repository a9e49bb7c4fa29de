"""Pages on which the national team reads a unit's evidence, in the demo."""

from __future__ import annotations

from datetime import timedelta

from assessments.demo.clock import StoryClock
from assessments.demo.story import Round
from assessments.models import Assessment
from assessments.services import shares
from units.models import User

SHARED_DAYS = 60
ROUNDS = ((1, "TPN, seleksi administrasi"), (12, "TPN, desk evaluasi"))


def share_with_national_team(
    *, assessment: Assessment, year: Round, clock: StoryClock, by: User
) -> None:
    """Make a page for each step of the national assessment; the first is closed when over."""
    for day, note in ROUNDS:
        clock.go_to(year.day(day), 13, 20)
        until = clock.today + timedelta(days=SHARED_DAYS)
        page = shares.share_evidence(assessment=assessment, by=by, note=note, expires_on=until).page
        clock.go_to(year.day(day + 1), 9, 5)
        shares.open_share(page)
        if note == ROUNDS[0][1]:
            clock.go_to(year.day(day + 9), 16, 40)
            shares.revoke_share(page=page, by=by)
