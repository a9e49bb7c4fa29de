"""The plenary of the running round in the demo: most units decided, one against a dissent."""

from __future__ import annotations

from assessments.demo.clock import StoryClock
from assessments.demo.story import Round
from assessments.journey import plenary
from assessments.models import Period
from units.models import User

LEFT_OPEN = 3


def tell_plenary(
    *, period: Period, year: Round, clock: StoryClock, people: dict[str, User]
) -> None:
    """Hold a meeting, decide by the gates, and leave a few units for the next one."""
    clock.go_to(year.day(-1), 13)
    by, head = people["sekretariat"], people["irjen"]
    held = plenary.hold(
        period=period,
        by=by,
        held_on=clock.today,
        place="Ruang rapat Inspektur Jenderal",
        chair_name=head.name,
        chair_position=head.position,
        attendance=[[head.name, head.position], [by.name, by.position or "Sekretaris TPI"]],
        notes="Sekretaris memaparkan nilai unit dan TPI, lalu ketua tim menjelaskan perbedaannya.",
    )
    lines = plenary.agenda(held, list(plenary.on_table(period))[:-LEFT_OPEN])
    against = next((line for line in lines if line.met), None)
    for line in lines:
        goes_up = bool(line.met)
        plenary.decide(
            plenary=held,
            assessment=line.assessment,
            verdict=line.suggestion,
            reason="Semua ambang dan pelaksanaan di lapangan meyakinkan."
            if goes_up
            else "Ambang belum terpenuhi; dibina untuk tahun berikutnya.",
            dissent="Ketua tim meminta pemantauan area pengawasan sebelum surat usulan dikirim."
            if line is against
            else "",
            by=by,
        )
