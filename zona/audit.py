"""The audit chain: entries appended in the transaction of the change they tell of.

Each stream (``assessment:<id>``, ``unit:<id>``, ``system``) is a chain of SHA-256 digests whose
head stands on the row that the service has locked, so order and completeness are a matter of one
lock. Triggers refuse to change or delete an entry; ``verify`` finds a change made past them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from zona.models import AuditAnchor, AuditEntry, ChainHead, Stream
from zona.triggers import immutable_rows

SYSTEM = "system"

immutable_rows(AuditEntry._meta.db_table)


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, before it is chained: an action, its target inside the stream, its data."""

    action: str
    target: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a chain does not hold: the stream, the entry's number and what is wrong."""

    stream: str
    seq: int
    message: str


def canonical(value: Any) -> str:
    """Return the one text form of a JSON value: sorted keys, no spaces, no escapes of letters."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def entry_digest(entry: AuditEntry) -> str:
    """Return the SHA-256 of everything an entry says, the digest before it included."""
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    text = canonical(
        [
            entry.stream,
            entry.seq,
            at,
            entry.actor_id,
            entry.actor_name,
            entry.action,
            entry.target,
            entry.data,
            entry.previous,
        ]
    )
    return hashlib.sha256(text.encode()).hexdigest()


def record(
    head: ChainHead,
    facts: Sequence[Fact],
    *,
    by: Any,
    at: datetime | None = None,
    save: bool = True,
) -> list[AuditEntry]:
    """Append facts to the head's stream. Costs one INSERT and one UPDATE.

    head: the owner of the stream, already locked by the caller inside its transaction.
    by: the acting user, or None for the system itself.
    save: False when the caller saves the head's ``audit_seq`` and ``audit_digest`` itself.

    Raises RuntimeError outside a transaction: an entry without its change would be a lie.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record needs the transaction of the change it tells of")
    moment = at or timezone.now()
    entries = []
    for fact in facts:
        entry = AuditEntry(
            stream=head.audit_stream,
            seq=head.audit_seq + 1,
            at=moment,
            actor_id=by.pk if by is not None else None,
            actor_name=(getattr(by, "name", "") or str(by))[:150] if by is not None else "",
            action=fact.action,
            target=fact.target,
            data=json.loads(json.dumps(fact.data)),
            previous=head.audit_digest,
        )
        entry.digest = entry_digest(entry)
        head.audit_seq, head.audit_digest = entry.seq, entry.digest
        entries.append(entry)
    AuditEntry.objects.bulk_create(entries)
    if save and entries:
        head.save(update_fields=["audit_seq", "audit_digest"])
    return entries


@transaction.atomic
def record_system(facts: Sequence[Fact], *, by: Any) -> list[AuditEntry]:
    """Append facts that belong to no unit and no assessment, such as a new period."""
    head, _created = Stream.objects.select_for_update().get_or_create(name=SYSTEM)
    return record(head, facts, by=by)


def verify(streams: Iterable[str] | None = None) -> Iterator[Break]:
    """Yield every break of the chains: gaps, changed entries, entries not chained to the last.

    streams: names to look at; None looks at all. Reads entries in order without keeping them.
    """
    entries = AuditEntry.objects.order_by("stream", "seq")
    if streams is not None:
        entries = entries.filter(stream__in=list(streams))
    stream, seq, digest = None, 0, ""
    for entry in entries.iterator(chunk_size=2000):
        if entry.stream != stream:
            stream, seq, digest = entry.stream, 0, ""
        if entry.seq != seq + 1:
            yield Break(entry.stream, entry.seq, f"nomor urut melompat dari {seq} ke {entry.seq}")
        if entry.previous != digest:
            yield Break(entry.stream, entry.seq, "tidak tersambung ke catatan sebelumnya")
        if entry.digest != entry_digest(entry):
            yield Break(entry.stream, entry.seq, "isi catatan berubah setelah ditulis")
        seq, digest = entry.seq, entry.digest


def verify_head(head: ChainHead) -> Iterator[Break]:
    """Yield a break when the last entry of a stream is not the one its owner remembers."""
    last = AuditEntry.objects.filter(stream=head.audit_stream).order_by("-seq").first()
    seq, digest = (last.seq, last.digest) if last else (0, "")
    if (seq, digest) != (head.audit_seq, head.audit_digest):
        yield Break(
            head.audit_stream,
            head.audit_seq,
            f"ujung rantai {head.audit_seq} tidak sama dengan catatan terakhir {seq}",
        )


def heads() -> Iterator[ChainHead]:
    """Yield every row that owns a stream, in any app."""
    for model in apps.get_models():
        if issubclass(model, ChainHead):
            yield from model.objects.order_by("pk").iterator(chunk_size=500)


def anchor(ends: Iterable[ChainHead], *, on: date) -> AuditAnchor:
    """Store one digest over all heads of the day, once; the export of it proves what existed."""
    lines = sorted(f"{head.audit_stream} {head.audit_seq} {head.audit_digest}" for head in ends)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    anchored, _created = AuditAnchor.objects.get_or_create(
        on=on, defaults={"streams": len(lines), "digest": digest}
    )
    return anchored
