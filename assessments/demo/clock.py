"""The clock of the story: what the demo tells happened on many days, not in one minute.

The services stamp what they do with ``timezone.now``. While the demo is built that function
tells the story's time, so that answers, seals and audit chains carry believable moments.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.apps import apps
from django.utils import timezone

TICK = timedelta(seconds=7)


class StoryClock:
    """Tells the story's time inside its ``with`` block; every look moves it on a little."""

    def __init__(self) -> None:
        self._moment = timezone.now()
        self._latest = self._moment

    def go_to(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """Set the clock to a moment of local time; the present is as far as it goes."""
        moment = timezone.make_aware(datetime.combine(day, time(hour, minute)))
        self._moment = min(moment, self._latest)

    @property
    def today(self) -> date:
        """Return the story's day."""
        return timezone.localdate(self._moment)

    def _tell(self) -> datetime:
        self._moment = min(self._moment + TICK, self._latest)
        return self._moment

    def __enter__(self) -> StoryClock:
        self._real = timezone.now
        # Fields took the function itself as their default, so each is told of the story's.
        self._fields = [
            field
            for model in apps.get_models()
            for field in model._meta.concrete_fields
            if field.default is self._real
        ]
        for field in self._fields:
            field.__dict__["_get_default"] = self._tell
        timezone.now = self._tell
        return self

    def __exit__(self, *_exception) -> None:
        timezone.now = self._real
        for field in self._fields:
            del field.__dict__["_get_default"]
