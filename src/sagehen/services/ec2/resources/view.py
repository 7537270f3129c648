"""View: the resources of one account in one region, as a transaction or a reader sees them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sagehen.domain.scope import Scope
from sagehen.services.ec2.resources.kinds import Kind, kind_named
from sagehen.services.ec2.resources.resource import Resource

# Never change a step that has landed; append one.
MIGRATIONS = (
    """
    CREATE TABLE ec2_resources (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
        parent TEXT NOT NULL, body TEXT NOT NULL, tags TEXT NOT NULL,
        UNIQUE (account_id, region, kind, id));
    CREATE INDEX ec2_resources_of ON ec2_resources (account_id, region, kind, parent);
    CREATE TABLE ec2_regions (
        account_id TEXT NOT NULL, region TEXT NOT NULL, PRIMARY KEY (account_id, region)) WITHOUT ROWID;
    """,
    """
    ALTER TABLE ec2_resources ADD COLUMN refers TEXT NOT NULL DEFAULT '';
    CREATE INDEX ec2_resources_referring ON ec2_resources (account_id, region, refers) WHERE refers != '';
    CREATE INDEX ec2_resources_tagged ON ec2_resources (account_id, region, number) WHERE tags != '{}';
    UPDATE ec2_resources SET refers = json_extract(body, '$.ReferencedGroupInfo.GroupId')
        WHERE json_extract(body, '$.ReferencedGroupInfo.GroupId') IS NOT NULL;
    UPDATE ec2_resources SET parent = json_extract(body, '$.NetworkInterfaceId')
        WHERE kind = 'elastic-ip' AND json_extract(body, '$.NetworkInterfaceId') IS NOT NULL;
    """,
)
_SCOPE = "account_id = ? AND region = ?"


class Rows(Protocol):
    """Who runs statements: a transaction, or a reading connection."""

    def __call__(self, sql: str, parameters: Sequence[Any]) -> Sequence[sqlite3.Row]: ...


class View:
    """Reads, and within a transaction writes.

    Args:
        rows: Runs a statement and returns its rows.
        scope: Whose resources, where.
        new_id: Draws an id's digits.
    """

    def __init__(self, rows: Rows, scope: Scope, new_id: Callable[[int], str]) -> None:
        self._rows = rows
        self.scope = scope
        self._new_id = new_id

    def find(self, kind: Kind, identifier: str) -> Resource | None:
        """Return the resource of that id; None where there is none, or it is no id."""
        rows = self._rows(
            f"SELECT * FROM ec2_resources WHERE {_SCOPE} AND kind = ? AND id = ?",
            (*self._key, kind.name, identifier),
        )
        return self._resource(kind, rows[0]) if rows else None

    def get(self, kind: Kind, identifier: str) -> Resource:
        """Return the resource of that id.

        Raises:
            Ec2Error: `….Malformed`, `….NotFound`.
        """
        found = self.find(kind, identifier)
        if found is None:
            kind.check(identifier)
            raise kind.not_found(identifier)
        return found

    def all(self, kind: Kind) -> list[Resource]:
        """Return every resource of a kind, in the order of their creation."""
        rows = self._rows(
            f"SELECT * FROM ec2_resources WHERE {_SCOPE} AND kind = ? ORDER BY number",
            (*self._key, kind.name),
        )
        return [self._resource(kind, row) for row in rows]

    def of(self, kind: Kind, parent: str) -> list[Resource]:
        """Return the resources of a kind that belong to `parent`, in the order of their creation."""
        rows = self._rows(
            f"SELECT * FROM ec2_resources WHERE {_SCOPE} AND kind = ? AND parent = ? ORDER BY number",
            (*self._key, kind.name, parent),
        )
        return [self._resource(kind, row) for row in rows]

    def referring(self, identifier: str) -> list[Resource]:
        """Return the resources that refer to another one, in the order of their creation."""
        rows = self._rows(
            f"SELECT * FROM ec2_resources WHERE {_SCOPE} AND refers = ? AND refers != '' ORDER BY number",
            (*self._key, identifier),
        )
        return [self._resource(kind_named(row["kind"]), row) for row in rows]

    def tagged(self) -> list[Resource]:
        """Return every resource that has tags, of whatever kind, in the order of their creation."""
        rows = self._rows(
            f"SELECT * FROM ec2_resources WHERE {_SCOPE} AND tags != '{{}}' ORDER BY number", self._key
        )
        return [self._resource(kind_named(row["kind"]), row) for row in rows]

    def count(self, kind: Kind, parent: str | None = None) -> int:
        """Return how many there are of a kind, or how many of them belong to `parent`."""
        more, values = ("", ()) if parent is None else (" AND parent = ?", (parent,))
        rows = self._rows(
            f"SELECT count(*) AS n FROM ec2_resources WHERE {_SCOPE} AND kind = ?{more}",
            (*self._key, kind.name, *values),
        )
        return int(rows[0]["n"])

    def new(
        self,
        kind: Kind,
        body: dict[str, Any],
        *,
        tags: dict[str, str] | None = None,
        parent: str = "",
        refers: str = "",
        id_member: str = "",
        identifier: str = "",
    ) -> Resource:
        """Store a new resource.

        Args:
            refers: The id of another one that it names.
            id_member: The member of the body that is to hold its id.
            identifier: Its id; drawn by default.
        """
        made = Resource(
            self.scope,
            kind,
            identifier or f"{kind.prefix}-{self._new_id(17)}",
            body,
            dict(tags or {}),
            parent,
            refers,
        )
        if id_member:
            made.body = {id_member: made.id, **body}
        rows = self._rows(
            "INSERT INTO ec2_resources (account_id, region, kind, id, parent, body, tags, refers)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
            (*self._key, kind.name, made.id, parent, json.dumps(made.body), json.dumps(made.tags), refers),
        )
        made.number = rows[0]["number"]
        return made

    def save(self, resource: Resource) -> None:
        """Store what was changed of a resource."""
        self._rows(
            "UPDATE ec2_resources SET parent = ?, body = ?, tags = ?, refers = ? WHERE number = ?",
            (
                resource.parent,
                json.dumps(resource.body),
                json.dumps(resource.tags),
                resource.refers,
                resource.number,
            ),
        )

    def remove(self, resource: Resource) -> None:
        """Delete a resource."""
        self._rows("DELETE FROM ec2_resources WHERE number = ?", (resource.number,))

    def everywhere(self, kind: Kind, member: str) -> list[str]:
        """Return what every account's resources of a kind have in a member: this machine is one for all."""
        rows = self._rows(
            "SELECT json_extract(body, ?) AS value FROM ec2_resources WHERE kind = ?",
            (f"$.{member}", kind.name),
        )
        return [row["value"] for row in rows if row["value"]]

    def anywhere(self, kind: Kind, identifier: str) -> Resource | None:
        """Return the resource of that id in this region, whosever it is."""
        rows = self._rows(
            "SELECT * FROM ec2_resources WHERE region = ? AND kind = ? AND id = ?",
            (self.scope.region, kind.name, identifier),
        )
        return self._resource(kind, rows[0]) if rows else None

    def shared(self, kind: Kind) -> list[Resource]:
        """Return the resources of a kind that other accounts share with anybody in this region."""
        rows = self._rows(
            "SELECT * FROM ec2_resources WHERE region = ? AND kind = ? AND account_id != ?"
            " AND json_array_length(json_extract(body, '$.sharedWith')) > 0 ORDER BY number",
            (self.scope.region, kind.name, self.scope.account_id),
        )
        return [self._resource(kind, row) for row in rows]

    def with_token(self, kind: Kind, token: str) -> Resource | None:
        """Return what was made by a request with a client token."""
        rows = self._rows(
            f"SELECT * FROM ec2_resources WHERE {_SCOPE} AND kind = ?"
            " AND json_extract(body, '$.token') = ? ORDER BY number LIMIT 1",
            (*self._key, kind.name, token),
        )
        return self._resource(kind, rows[0]) if rows else None

    def elsewhere(self, region: str) -> View:
        """Return what the same account has in another region."""
        return View(self._rows, Scope(self.scope.account_id, region), self._new_id)

    def draw(self, prefix: str) -> str:
        """Draw an id for what is no resource of its own (`rtbassoc`)."""
        return f"{prefix}-{self._new_id(17)}"

    @property
    def is_furnished(self) -> bool:
        """Whether the region has had what AWS puts into it."""
        return bool(self._rows(f"SELECT 1 FROM ec2_regions WHERE {_SCOPE}", self._key))

    def note_furnished(self) -> None:
        """Write down that it has."""
        self._rows("INSERT OR IGNORE INTO ec2_regions VALUES (?, ?)", self._key)

    @property
    def _key(self) -> tuple[str, str]:
        return self.scope.account_id, self.scope.region

    def _resource(self, kind: Kind, row: sqlite3.Row) -> Resource:
        return Resource(
            Scope(row["account_id"], row["region"]),
            kind,
            row["id"],
            json.loads(row["body"]),
            json.loads(row["tags"]),
            row["parent"],
            row["refers"],
            row["number"],
        )
