"""Immutable rows stay immutable, whichever database holds them."""

import pytest
from django.db import IntegrityError, connection, transaction

from zona import triggers
from zona.models import AuditEntry, Stream

pytestmark = pytest.mark.django_db


def audit_entry(**fields) -> AuditEntry:
    given = {"stream": "probe", "seq": 1, "at": "2027-04-28T14:07Z", "action": "period.open"}
    return AuditEntry.objects.create(**given | fields, digest="0" * 64)


@pytest.fixture
def declared(monkeypatch):
    """A registry of this test's own, installed and gone with the test's transaction."""
    monkeypatch.setattr(triggers, "_declared", dict(triggers._declared))
    return triggers._declared


def test_every_declared_trigger_stands_after_migrations():
    assert triggers.missing() == []
    assert "zona_zona_auditentry_no_update" in triggers._present("default")


def test_an_audit_entry_can_neither_be_changed_nor_deleted():
    entry = audit_entry()

    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="forged")
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()

    assert AuditEntry.objects.get(pk=entry.pk).action == "period.open"


# What each database offers beside UPDATE and DELETE.
SIDE_DOORS = {
    "sqlite": (
        "REPLACE INTO zona_auditentry (id, stream, seq, at, actor_name, action, target, data,"
        " previous, digest) SELECT id, stream, seq, at, '', 'forged', '', '{}', '', ''"
        " FROM zona_auditentry"
    ),
    "postgresql": "TRUNCATE zona_auditentry CASCADE",
}
SWITCH_OFF = {
    "sqlite": "DROP TRIGGER zona_zona_auditentry_no_update",
    "postgresql": "ALTER TABLE zona_auditentry DISABLE TRIGGER zona_zona_auditentry_no_update",
}


def test_the_databases_side_door_is_shut():
    audit_entry()

    with (
        pytest.raises(IntegrityError, match="immutable"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(SIDE_DOORS[connection.vendor])

    assert AuditEntry.objects.get(stream="probe").action == "period.open"


def test_a_trigger_that_was_switched_off_counts_as_missing():
    with connection.cursor() as cursor:
        cursor.execute(SWITCH_OFF[connection.vendor])

    assert triggers.missing() == ["zona_zona_auditentry_no_update"]


def test_a_condition_and_columns_narrow_what_is_refused(declared):
    triggers.immutable_rows(
        "zona_stream",
        when="{row}.audit_seq > 0 AND EXISTS (SELECT 1 FROM zona_auditentry e WHERE"
        " e.stream = {row}.name)",
        columns=["name", "audit_digest"],
        name="used",
        message="stream in use",
    )
    triggers.install()
    audit_entry(stream="used")
    used = Stream.objects.create(name="used", audit_seq=1)
    unused = Stream.objects.create(name="unused", audit_seq=1)

    with pytest.raises(IntegrityError, match="stream in use"), transaction.atomic():
        Stream.objects.filter(pk=used.pk).update(name="other")
    with pytest.raises(IntegrityError, match="stream in use"), transaction.atomic():
        used.delete()
    Stream.objects.filter(pk=used.pk).update(audit_seq=2, name="used")
    Stream.objects.filter(pk=unused.pk).update(name="renamed")
    Stream.objects.filter(pk=unused.pk).delete()

    left = Stream.objects.exclude(name="system").values_list("name", "audit_seq")
    assert list(left) == [("used", 2)]


def test_an_insert_can_be_refused_by_the_new_row(declared):
    triggers.immutable_rows(
        "zona_stream", when="{row}.name = 'closed'", events=["INSERT"], name="closed"
    )
    triggers.install()

    Stream.objects.create(name="open")
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        Stream.objects.create(name="closed")

    assert not Stream.objects.filter(name="closed").exists()


def test_install_makes_what_is_missing_once_and_drops_what_nobody_declares(declared):
    triggers.drop()
    assert len(triggers.missing()) == len(triggers._for_vendor(connection.vendor))

    made = triggers.install()

    assert sorted(made) == sorted(t.name for t in triggers._for_vendor(connection.vendor))
    assert triggers.install() == []
    assert triggers.missing() == []

    (forgotten,) = triggers.immutable_rows("zona_stream", events=["UPDATE"], name="forgotten")
    assert triggers.install() == [forgotten.name]
    del declared[forgotten.name]
    triggers.install()
    assert forgotten.name not in triggers._present("default")


def test_a_changed_declaration_replaces_the_trigger(declared):
    (old,) = triggers.immutable_rows("zona_stream", events=["UPDATE"], name="changing")
    triggers.install()
    del declared[old.name]
    triggers.immutable_rows(
        "zona_stream", when="{row}.name = 'x'", events=["UPDATE"], name="changing"
    )

    assert triggers.missing() == [old.name]
    assert triggers.install() == [old.name]
    assert triggers.missing() == []


def test_two_triggers_cannot_share_a_name(declared):
    triggers.declare("zona_twice", "zona_stream", "a", "b")

    assert triggers.declare("twice", "zona_stream", "a", "b") == declared["zona_twice"]
    with pytest.raises(ValueError, match="two different triggers"):
        triggers.declare("twice", "zona_stream", "other", "b")
    with pytest.raises(ValueError, match="longer than 63"):
        triggers.declare("x" * 64, "zona_stream")


def test_dropped_brings_the_triggers_back_even_after_an_error():
    entry = audit_entry()

    def restore_and_fail():
        with triggers.dropped():
            AuditEntry.objects.filter(pk=entry.pk).update(action="restored")
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        restore_and_fail()

    assert AuditEntry.objects.get(stream="probe").action == "restored"
    assert triggers.missing() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", [1, 2])
def test_a_flushed_test_finds_its_triggers_and_leaves_no_rows(round_number):
    assert triggers.missing() == []
    assert not AuditEntry.objects.filter(stream="probe").exists()

    audit_entry()


@pytest.mark.django_db(transaction=True)
def test_a_migration_run_leaves_every_trigger_in_place():
    triggers.on_pre_migrate(None, plan=[("zona", False)])
    assert len(triggers.missing()) > 0

    triggers.on_post_migrate(None)

    assert triggers.missing() == []
