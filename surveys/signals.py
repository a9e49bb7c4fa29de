"""What surveys announce to the rooms above, inside the transaction in which it happens."""

from django.dispatch import Signal

result_locked = Signal()
"""Sent with ``results`` (the locked ``Result`` of every part) and ``by`` (who locked them)."""

external_recorded = Signal()
"""Sent with ``external`` (an ``ExternalIndex``) and ``by``."""
