"""Triggers that keep immutable rows immutable, on SQLite and on PostgreSQL.

Apps declare theirs when they are loaded (a module ``triggers.py`` imported by ``AppConfig.ready``).
``post_migrate`` installs what is missing or different, because SQLite drops triggers silently when
a migration remakes a table. While migrations run the triggers stand aside: a trigger that looks
into another table stops SQLite from renaming that table.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from django.db import DEFAULT_DB_ALIAS, connections, transaction

Event = Literal["INSERT", "UPDATE", "DELETE"]

PREFIX = "zona_"
NAME_MAX = 63  # PostgreSQL cuts longer names without a word

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger of one table.

    ``sqlite`` and ``postgres`` are the statements that make it, one or more per dialect; none
    where the dialect has no such trigger (SQLite knows no TRUNCATE).
    """

    name: str
    table: str
    sqlite: tuple[str, ...]
    postgres: tuple[str, ...]

    def statements(self, vendor: str) -> tuple[str, ...]:
        """Return what makes the trigger on this kind of database."""
        return {"sqlite": self.sqlite, "postgresql": self.postgres}[vendor]

    def digest(self, vendor: str) -> str:
        """Return a short fingerprint of the statements: a changed trigger is a missing one."""
        return hashlib.sha256("\n".join(self.statements(vendor)).encode()).hexdigest()[:16]


_declared: dict[str, Trigger] = {}


def declare(
    name: str,
    table: str,
    sqlite_sql: str | Sequence[str] = (),
    postgres_sql: str | Sequence[str] = (),
) -> Trigger:
    """Add a trigger to those that must exist.

    name: begins with ``zona_`` (added when it does not), at most 63 letters, used once.
    sqlite_sql, postgres_sql: CREATE statements that use this very name.

    Raises ValueError for a name that is too long or taken by another trigger.
    """
    name = name if name.startswith(PREFIX) else PREFIX + name
    if len(name) > NAME_MAX:
        raise ValueError(f"trigger name longer than {NAME_MAX} letters: {name}")
    trigger = Trigger(name, table, _statements(sqlite_sql), _statements(postgres_sql))
    if _declared.setdefault(name, trigger) != trigger:
        raise ValueError(f"two different triggers are called {name}")
    return trigger


def immutable_rows(
    table: str,
    *,
    when: str = "",
    columns: Sequence[str] = (),
    events: Iterable[Event] = ("UPDATE", "DELETE"),
    name: str = "",
    message: str = "",
) -> list[Trigger]:
    """Declare triggers that refuse to change or delete rows; the refusal is an IntegrityError.

    when: an SQL condition that makes a row immutable, in words both dialects know; ``{row}``
        stands for the row as it is (the new row for INSERT), e.g. ``"{row}.published_at IS NOT
        NULL"``. It may look into other tables. Empty means always.
    columns: an UPDATE is refused only when one of these changes; empty means any UPDATE.
    events: what is refused. With DELETE, PostgreSQL refuses TRUNCATE too, whatever ``when`` says.
    name: tells several declarations for one table apart.
    """
    declared = []
    text = (message or f"rows of {table} are immutable").replace("'", "''")
    stem = f"{PREFIX}{table}_{name}" if name else f"{PREFIX}{table}"
    for event in events:
        trigger_name = f"{stem}_no_{event.lower()}"
        condition = when.replace("{row}", "NEW" if event == "INSERT" else "OLD")
        differs = columns if event == "UPDATE" else ()
        declared.append(
            declare(
                trigger_name,
                table,
                _sqlite_refusal(trigger_name, table, event, condition, differs, text),
                _postgres_refusal(trigger_name, table, event, condition, differs, text),
            )
        )
        if event == "DELETE":
            truncate_name = f"{stem}_no_truncate"
            declared.append(
                declare(
                    truncate_name,
                    table,
                    (),
                    _postgres_refusal(truncate_name, table, "TRUNCATE", "", (), text),
                )
            )
    return declared


def install(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Make every declared trigger that is missing or different, drop those no longer declared.

    Triggers of tables that do not exist yet wait. Returns the names of those made.
    """
    connection = connections[using]
    present = _present(using)
    tables = set(connection.introspection.table_names())
    wanted = {
        trigger.name: trigger
        for trigger in _for_vendor(connection.vendor)
        if trigger.table in tables
    }
    made = []
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name, (table, digest) in present.items():
            if name not in wanted or digest != wanted[name].digest(connection.vendor):
                _drop(cursor, connection, name, table)
        for trigger in wanted.values():
            digest = trigger.digest(connection.vendor)
            if present.get(trigger.name, ("", ""))[1] == digest:
                continue
            for statement in trigger.statements(connection.vendor):
                cursor.execute(statement)
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"COMMENT ON TRIGGER {_quoted(trigger.name)} ON {_quoted(trigger.table)}"
                    f" IS '{digest}'"
                )
            made.append(trigger.name)
    return made


def drop(using: str = DEFAULT_DB_ALIAS) -> None:
    """Take every trigger of ours away, until the next ``install``."""
    connection = connections[using]
    present = _present(using)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name, (table, _digest) in present.items():
            _drop(cursor, connection, name, table)


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the names of declared triggers that are absent, different or switched off."""
    vendor = connections[using].vendor
    present = _present(using)
    return sorted(
        trigger.name
        for trigger in _for_vendor(vendor)
        if present.get(trigger.name, ("", ""))[1] != trigger.digest(vendor)
    )


@contextmanager
def dropped(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Work without triggers inside the block: a flush in tests, a restore into an empty base."""
    drop(using)
    try:
        yield
    finally:
        install(using)


def on_pre_migrate(sender, plan=(), using: str = DEFAULT_DB_ALIAS, **kwargs) -> None:
    """Let the triggers stand aside while migrations remake tables."""
    if plan:
        drop(using)


def on_post_migrate(sender, using: str = DEFAULT_DB_ALIAS, **kwargs) -> None:
    """Install what migrations (or a flush) have left without a trigger."""
    made = install(using)
    if made:
        logger.debug("installed %d triggers", len(made))


def _statements(sql: str | Sequence[str]) -> tuple[str, ...]:
    return (sql,) if isinstance(sql, str) else tuple(sql)


def _for_vendor(vendor: str) -> list[Trigger]:
    return [trigger for trigger in _declared.values() if trigger.statements(vendor)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sqlite_refusal(name, table, event, condition, columns, text) -> str:
    changed = " OR ".join(
        f"OLD.{_quoted(column)} IS NOT NEW.{_quoted(column)}" for column in columns
    )
    conditions = " AND ".join(f"({part})" for part in (condition, changed) if part)
    return (
        f"CREATE TRIGGER {_quoted(name)} BEFORE {event} ON {_quoted(table)} FOR EACH ROW"
        + (f" WHEN {conditions}" if conditions else "")
        + f" BEGIN SELECT RAISE(ABORT, '{text}'); END"
    )


def _postgres_refusal(name, table, event, condition, columns, text) -> tuple[str, str]:
    # The condition stands in the function: a WHEN clause may not look into other tables.
    changed = " OR ".join(
        f"OLD.{_quoted(column)} IS DISTINCT FROM NEW.{_quoted(column)}" for column in columns
    )
    conditions = " AND ".join(f"({part})" for part in (condition, changed) if part) or "TRUE"
    row = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD", "TRUNCATE": "NULL"}[event]
    level = "STATEMENT" if event == "TRUNCATE" else "ROW"
    return (
        f"CREATE OR REPLACE FUNCTION {_quoted(name)}() RETURNS trigger LANGUAGE plpgsql AS $zona$"
        f" BEGIN IF {conditions} THEN RAISE EXCEPTION '{text.replace('%', '%%')}'"
        f" USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {row}; END $zona$",
        f"CREATE TRIGGER {_quoted(name)} BEFORE {event} ON {_quoted(table)}"
        f" FOR EACH {level} EXECUTE FUNCTION {_quoted(name)}()",
    )


def _present(using: str) -> dict[str, tuple[str, str]]:
    """Return what stands in the database: trigger name to its table and fingerprint.

    The fingerprint of a trigger that was switched off is empty.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
                " AND substr(name, 1, 5) = %s",
                [PREFIX],
            )
            return {
                name: (table, hashlib.sha256(sql.encode()).hexdigest()[:16])
                for name, table, sql in cursor.fetchall()
            }
        cursor.execute(
            "SELECT t.tgname, c.relname, t.tgenabled, obj_description(t.oid, 'pg_trigger')"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND left(t.tgname, 5) = %s"
            " AND c.relnamespace = current_schema()::regnamespace",
            [PREFIX],
        )
        return {
            name: (table, (digest or "") if enabled in ("O", "A") else "")
            for name, table, enabled, digest in cursor.fetchall()
        }


def _drop(cursor, connection, name: str, table: str) -> None:
    if connection.vendor == "sqlite":
        cursor.execute(f"DROP TRIGGER IF EXISTS {_quoted(name)}")
    else:
        cursor.execute(f"DROP TRIGGER IF EXISTS {_quoted(name)} ON {_quoted(table)}")
        cursor.execute(f"DROP FUNCTION IF EXISTS {_quoted(name)}()")
