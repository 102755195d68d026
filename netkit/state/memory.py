"""The memory itself: a small SQLite database."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from netkit.errors import NetkitError
from netkit.model.lease import Lease
from netkit.state.place import boot_id, check_own
from netkit.value import Value, field, replace

VERSION = 3
UNREADABLE = (sqlite3.DatabaseError, UnicodeError)  # the latter in what SQLite says of itself

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE specs (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    allotments TEXT NOT NULL
);
CREATE TABLE intents (
    spec TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    allotments TEXT NOT NULL,
    before TEXT NOT NULL,
    pid INTEGER NOT NULL,
    earlier TEXT NOT NULL,
    former TEXT NOT NULL,
    partial INTEGER NOT NULL
);
CREATE TABLE former (
    place TEXT NOT NULL,
    spec TEXT NOT NULL,
    value TEXT,
    written TEXT NOT NULL,
    PRIMARY KEY (place, spec)
);
"""
LEASES = """
CREATE TABLE leases (
    spec TEXT NOT NULL,
    network TEXT NOT NULL,
    plugin TEXT NOT NULL,
    slot TEXT NOT NULL,
    holder TEXT NOT NULL,
    asked TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    cidr TEXT NOT NULL,
    PRIMARY KEY (spec, network, plugin, slot, holder, asked)
);
"""
CONVERSIONS = {
    "2": ("ALTER TABLE intents ADD COLUMN partial INTEGER NOT NULL DEFAULT 0", LEASES),
}
"""From the format of an older netkit to today's."""


class Stored(Value, frozen=True):
    """
    A spec as it was applied.

    Args:
        document: The spec as it was written, as JSON; what it leaves open, ``allotments`` says.
        allotments: What was chosen for it, as plain values.
    """

    name: str
    document: str
    allotments: Mapping[str, Any] = field(default_factory=dict)


class Former(Value, frozen=True):
    """
    What a value was before netkit first wrote it.

    Args:
        place: Which value it is: a JSON list of the key.
        spec: Who wrote it.
        value: What it was; None when it was not there.
        written: What netkit wrote.
    """

    place: str
    spec: str
    value: str | None
    written: str


class Intent(Value, frozen=True):
    """
    The journal of one transaction: written before its first step, closed after its last.

    One that is still open was cut off, and tells how to go on or back.

    Args:
        spec: Whose.
        document: What was to be, as JSON; empty when the spec was to go.
        allotments: What was chosen for it, as plain values.
        before: What was the spec's own before, as ``model.record`` writes it.
        pid: Of the netkit that wrote it.
        earlier: Document and allotments of others that were begun and cut off before this one.
        former: The former values that were remembered for the spec before.
        partial: ``before`` tells only of what an edit touched.
    """

    spec: str
    document: str
    allotments: Mapping[str, Any]
    before: str
    pid: int
    earlier: tuple[tuple[str, Any], ...] = ()
    former: tuple[Former, ...] = ()
    partial: bool = False


class Memory:
    """
    What netkit remembers of one host namespace.

    Args:
        folder: Where it lies; ``state.place.folder()`` says where.
        afresh: Begin a new one where the old cannot be read; it is moved aside, not lost.
    """

    def __init__(self, folder: str | os.PathLike[str], *, afresh: bool = False) -> None:
        self.folder = os.fspath(folder)
        self.path = os.path.join(self.folder, "state.db")
        try:
            self._database = self._opened()
            if afresh:
                self._read_all()
        except NetkitError:
            if not afresh:
                raise
            os.replace(self.path, self.path.removesuffix(".db") + ".unreadable")
            self._database = self._opened()

    def _read_all(self) -> None:
        """Hold that every row can be read."""
        self.specs()
        self.intents()
        self.former()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def specs(self) -> tuple[Stored, ...]:
        """Give all specs that are applied, by name."""
        rows = self._rows("SELECT name, document, allotments FROM specs ORDER BY name")
        return tuple(Stored(name, text, self._loaded(more)) for name, text, more in rows)

    def names(self) -> tuple[str, ...]:
        """Name all specs that are applied."""
        return tuple(name for (name,) in self._rows("SELECT name FROM specs ORDER BY name"))

    def spec(self, name: str) -> Stored | None:
        """Give a spec as applied; None when there is none of that name."""
        query = "SELECT name, document, allotments FROM specs WHERE name = ?"
        rows = self._rows(query, name)
        found = [Stored(each, text, self._loaded(more)) for each, text, more in rows]
        return found[0] if found else None

    def keep(self, stored: Stored) -> None:
        """Remember a spec as applied."""
        with self._writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO specs VALUES (?, ?, ?)",
                (stored.name, stored.document, json.dumps(stored.allotments)),
            )

    def forget(self, name: str) -> None:
        """Forget a spec, and the former values that it was the last to need."""
        with self._writing() as database:
            database.execute("DELETE FROM specs WHERE name = ?", (name,))
            database.execute("DELETE FROM former WHERE spec = ?", (name,))

    def intents(self) -> tuple[Intent, ...]:
        """Give all open journals, by spec."""
        query = (
            "SELECT spec, document, allotments, before, pid, earlier, former, partial"
            " FROM intents ORDER BY spec"
        )
        return tuple(
            Intent(
                *(spec, document, self._loaded(allotments), before, pid),
                tuple((text, more) for text, more in self._pairs(earlier, 2)),
                tuple(Former(*row) for row in self._pairs(former, 4)),
                partial=bool(partial),
            )
            for spec, document, allotments, before, pid, earlier, former, partial in self._rows(
                query
            )
        )

    def intent(self, spec: str) -> Intent | None:
        """Give a spec's open journal; None when its last transaction came to its end."""
        return next((each for each in self.intents() if each.spec == spec), None)

    def open(self, intent: Intent) -> None:
        """
        Write a journal; what it says of ``earlier`` and ``former`` it finds out itself.

        One that is open already keeps what was before it: going back leads past both. And it keeps
        what it was about to make, which may be there and nobody else's.
        """
        with self._writing() as database:
            found = self.intent(intent.spec)
            if found is None:
                mine = [row for row in self.former() if row.spec == intent.spec]
                intent = replace(intent, earlier=(), former=tuple(mine))
            else:
                begun = ((found.document, found.allotments),) if found.document else ()
                intent = replace(
                    intent,
                    before=found.before,
                    partial=found.partial,
                    earlier=(*found.earlier, *begun),
                    former=found.former,
                )
            database.execute(
                "INSERT OR REPLACE INTO intents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    intent.spec,
                    intent.document,
                    json.dumps(intent.allotments),
                    intent.before,
                    intent.pid,
                    json.dumps(intent.earlier),
                    json.dumps([_row(each) for each in intent.former]),
                    intent.partial,
                ),
            )

    def done(self, spec: str) -> None:
        """Close a spec's journal: its transaction came to an end, whichever."""
        with self._writing() as database:
            database.execute("DELETE FROM intents WHERE spec = ?", (spec,))

    def back(self, spec: str) -> None:
        """Close a spec's journal: all is as before it, and so are the former values."""
        with self._writing() as database:
            found = self.intent(spec)
            if found is not None:
                database.execute("DELETE FROM former WHERE spec = ?", (spec,))
                rows = [_row(each) for each in found.former]
                database.executemany("INSERT INTO former VALUES (?, ?, ?, ?)", rows)
                database.execute("DELETE FROM intents WHERE spec = ?", (spec,))

    def former(self) -> tuple[Former, ...]:
        """Give all former values, by place."""
        rows = self._rows("SELECT place, spec, value, written FROM former ORDER BY place, spec")
        return tuple(Former(*row) for row in rows)

    def remember(self, values: Iterable[Former]) -> None:
        """
        Note former values; of one place and spec the first stands, with the latest written.

        To write the first again is the way back, which may be cut off before it is done: then what
        was written before may still be there.
        """
        with self._writing() as database:
            database.executemany(
                "INSERT INTO former VALUES (?, ?, ?, ?)"
                " ON CONFLICT (place, spec) DO UPDATE SET written = excluded.written"
                " WHERE excluded.written IS NOT former.value",
                [_row(each) for each in values],
            )

    def release(self, spec: str, places: Iterable[str]) -> None:
        """Forget former values that a spec no longer needs."""
        with self._writing() as database:
            database.executemany(
                "DELETE FROM former WHERE spec = ? AND place = ?", [(spec, each) for each in places]
            )

    def leases(self, spec: str) -> tuple[Lease, ...]:
        """Give what plugins gave a spec, in the order in which they gave it."""
        rows = self._rows(
            "SELECT network, plugin, slot, holder, asked, pool_id, cidr FROM leases"
            " WHERE spec = ? ORDER BY rowid",
            spec,
        )
        return tuple(Lease((*key,), pool_id, cidr) for *key, pool_id, cidr in rows)

    def leasing(self) -> tuple[str, ...]:
        """Name the specs that were given something by plugins."""
        rows = self._rows("SELECT DISTINCT spec FROM leases ORDER BY spec")
        return tuple(spec for (spec,) in rows)

    def lease(self, spec: str, lease: Lease) -> None:
        """Note what a plugin gave."""
        with self._writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (spec, *lease.key, lease.pool_id, lease.cidr),
            )

    def unlease(self, spec: str, lease: Lease) -> None:
        """Forget what a plugin has got back."""
        with self._writing() as database:
            database.execute(
                "DELETE FROM leases WHERE spec = ? AND network = ? AND plugin = ? AND slot = ?"
                " AND holder = ? AND asked = ?",
                (spec, *lease.key),
            )

    def _opened(self) -> sqlite3.Connection:
        try:
            database = self._connect()
            if self._meta(database, "boot_id") != boot_id():
                database.close()
                os.unlink(self.path)
                database = self._connect()
            version = self._converted(database)
        except (*UNREADABLE, OSError) as error:
            raise self._broken(error) from error
        if version != str(VERSION):
            database.close()
            raise NetkitError(
                f"{self.path} was written by another netkit (format {version}, here {VERSION})",
                hint="nothing is lost: that netkit, installed again, goes on with it; or netkit"
                " destroy --all, which removes what is marked and keeps the file beside",
            )
        return database

    def _converted(self, database: sqlite3.Connection) -> str | None:
        """Turn what an older netkit wrote since the boot into today's; give its format then."""
        version = self._meta(database, "version")
        if version not in CONVERSIONS:
            return version
        database.execute("BEGIN IMMEDIATE")
        try:
            if (version := self._meta(database, "version")) in CONVERSIONS:  # nobody did meanwhile
                for statement in CONVERSIONS[version]:
                    database.execute(statement)
                version = str(VERSION)
                database.execute("UPDATE meta SET value = ? WHERE name = 'version'", (version,))
            database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.DatabaseError):
                database.execute("ROLLBACK")
            raise
        return version

    def _connect(self) -> sqlite3.Connection:
        if not os.path.lexists(self.path):
            os.close(os.open(self.path, os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        check_own(self.path, os.lstat(self.path))
        database = sqlite3.connect(self.path, isolation_level=None)
        database.execute("PRAGMA synchronous = OFF")  # it lies in memory, good for one boot
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            database.executescript(f"BEGIN; {TABLES} {LEASES} COMMIT;")
            database.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [("version", str(VERSION)), ("boot_id", boot_id())],
            )
        return database

    def _meta(self, database: sqlite3.Connection, name: str) -> str | None:
        row = database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _loaded(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (TypeError, ValueError, RecursionError) as error:
            raise self._broken(error) from error

    def _rows(self, query: str, *values: str) -> list[Any]:
        try:
            return self._database.execute(query, values).fetchall()
        except UNREADABLE as error:
            raise self._broken(error) from error

    def _pairs(self, text: str, length: int) -> list[Any]:
        """Read a list of lists of one length, which hold texts but for the last in each."""
        found = self._loaded(text)
        if not isinstance(found, list) or any(
            not isinstance(each, list)
            or len(each) != length
            or not all(isinstance(part, str | None) for part in each[:-1])
            for each in found
        ):
            raise self._broken(ValueError(f"{text!r} is not what was written here"))
        return found

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all that is written meanwhile be there at once, or not at all."""
        with self._writing():
            yield

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        database = self._database
        if database.in_transaction:
            yield database
            return
        try:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.DatabaseError):
                database.execute("ROLLBACK")
            if isinstance(error, UNREADABLE):
                raise self._broken(error) from error
            raise

    def _broken(self, error: Exception) -> NetkitError:
        said = str(error)
        if "full" in said or "readonly" in said or "unable to open" in said:
            hint = f"make {self.folder} writable, with room in it; or set NETKIT_STATE_DIR"
        else:
            hint = (
                "netkit destroy --all removes what netkit made, by its marks; or move the file"
                " away, which forgets what was applied"
            )
        return NetkitError(f"{self.path} cannot be used: {said}", hint=hint)


def _row(former: Former) -> tuple[str, str, str | None, str]:
    return (former.place, former.spec, former.value, former.written)
