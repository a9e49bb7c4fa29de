"""Itjen's guidance and the phrases of its assessors, as the demo's data tell them."""

from __future__ import annotations

from assessments.demo import source
from assessments.demo.clock import StoryClock
from assessments.demo.organisation import Organisation
from assessments.demo.story import Story
from assessments.models import Instrument
from assessments.services.advice import save_phrase, write_guidance

WRITERS = {"member": "anggota", "lead": "ketuatim"}


def tell_advice(story: Story, everybody: Organisation, clock: StoryClock, *, edition: str) -> None:
    """Let the secretariat write guidance on an edition, and assessors keep phrases."""
    told = source.read("advice")
    secretariat = everybody.people["sekretariat"]
    indicators = {
        row.code: row
        for row in Instrument.objects.get(code=edition, version=1).indicators.filter(
            code__in=told["guidance"]
        )
    }
    for code, texts in told["guidance"].items():
        for version, text in enumerate(texts):
            clock.go_to(story.running().day(-60 + 56 * version), 10)
            write_guidance(indicator=indicators[code], text=text, base=version, by=secretariat)
    for entry in told["phrases"]:
        save_phrase(
            by=everybody.people[WRITERS[entry["by"]]],
            title=entry["title"],
            text=entry["text"],
            code=entry.get("code", ""),
            is_shared=entry["shared"],
        )
