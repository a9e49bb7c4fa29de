"""The audit chain: appended with the change, refused to change, and found out when changed."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from assessments.tests.factories import make_unit, make_user
from units.models import Unit
from zona import audit, triggers
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db


def tell(unit: Unit, *actions: str, by=None) -> Unit:
    """Append facts to a unit's stream."""
    with transaction.atomic():
        locked = Unit.objects.select_for_update().get(pk=unit.pk)
        audit.record(locked, [audit.Fact(action) for action in actions], by=by)
    return locked


def tampered(sql: str, *values) -> None:
    """Change the table behind the triggers' back, as somebody with the database's keys could."""
    triggers.drop()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    triggers.install()


def verify() -> str:
    """Run the command and return what it prints, faults included."""
    out = StringIO()
    try:
        call_command("verify_audit", stdout=out, stderr=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


def test_entries_of_a_stream_are_numbered_and_chained_to_the_head():
    unit = make_unit()
    person = make_user(name="Nadia Tualeka")

    head = tell(tell(unit, "satu", "dua"), "tiga", by=person)

    entries = list(AuditEntry.objects.filter(stream=unit.audit_stream))
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.previous for entry in entries[1:]] == [entry.digest for entry in entries[:-1]]
    assert (head.audit_seq, head.audit_digest) == (3, entries[-1].digest)
    assert (entries[-1].actor_id, entries[-1].actor_name) == (person.pk, "Nadia Tualeka")
    assert entries[0].actor_id is None


def test_an_entry_rolls_back_with_its_change():
    unit = make_unit()

    with transaction.atomic():
        tell(unit, "dibatalkan")
        transaction.set_rollback(True)

    assert not AuditEntry.objects.filter(stream=unit.audit_stream).exists()
    assert Unit.objects.get(pk=unit.pk).audit_seq == 0


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="transaction"):
        audit.record(make_unit(), [audit.Fact("x")], by=None)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE zona_auditentry SET action = 'lain'",
        "UPDATE zona_auditentry SET data = '{}'",
        "DELETE FROM zona_auditentry",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(sql):
    unit = tell(make_unit(), "satu")

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert AuditEntry.objects.get(stream=unit.audit_stream).action == "satu"


def test_an_untouched_house_verifies():
    before = AuditEntry.objects.count()
    tell(make_unit(), "satu", "dua")

    assert verify() == f"{before + 2} catatan audit utuh.\n"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("UPDATE zona_auditentry SET actor_name = 'B' WHERE seq = 2", "isi catatan berubah"),
        ("UPDATE zona_auditentry SET action = 'duA' WHERE seq = 2", "isi catatan berubah"),
        ("UPDATE zona_auditentry SET at = '2020-01-01' WHERE seq = 2", "isi catatan berubah"),
        ("DELETE FROM zona_auditentry WHERE seq = 2", "nomor urut melompat dari 1 ke 3"),
        ("DELETE FROM zona_auditentry WHERE seq = 3", "ujung rantai 3"),
        ("DELETE FROM zona_auditentry", "ujung rantai 3"),
    ],
)
def test_one_changed_byte_or_one_missing_entry_is_found(sql, message):
    tell(make_unit(), "satu", "dua", "tiga")

    tampered(sql)

    assert message in verify()


def test_the_days_anchor_is_kept_once_and_depends_on_every_head():
    unit = make_unit()
    tell(unit, "satu")

    first = audit.anchor(audit.heads(), on=date(2026, 11, 22))
    again = audit.anchor(audit.heads(), on=date(2026, 11, 22))
    tell(unit, "dua")
    next_day = audit.anchor(audit.heads(), on=date(2026, 11, 23))

    assert again.pk == first.pk
    assert next_day.digest != first.digest
