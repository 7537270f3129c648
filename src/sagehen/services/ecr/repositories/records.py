"""The SQL of ECR: repositories, their images, tags, layers and uploads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from sagehen.domain.scope import Scope
from sagehen.services.ecr.repositories.repository import Repository
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE ecr_repositories (
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (account_id, region, name)) WITHOUT ROWID;
    CREATE TABLE ecr_images (
        account_id TEXT NOT NULL, region TEXT NOT NULL, repository TEXT NOT NULL, digest TEXT NOT NULL,
        media_type TEXT NOT NULL, artifact_type TEXT, subject TEXT, size INTEGER NOT NULL,
        pushed_at REAL NOT NULL, pulled_at REAL, refers_to TEXT NOT NULL, manifest BLOB NOT NULL,
        PRIMARY KEY (account_id, region, repository, digest));
    CREATE TABLE ecr_tags (
        account_id TEXT NOT NULL, region TEXT NOT NULL, repository TEXT NOT NULL, tag TEXT NOT NULL,
        digest TEXT NOT NULL, PRIMARY KEY (account_id, region, repository, tag)) WITHOUT ROWID;
    CREATE INDEX ecr_tags_of_image ON ecr_tags (account_id, region, repository, digest);
    CREATE TABLE ecr_layers (
        account_id TEXT NOT NULL, region TEXT NOT NULL, repository TEXT NOT NULL, digest TEXT NOT NULL,
        size INTEGER NOT NULL, uploaded_at REAL NOT NULL,
        PRIMARY KEY (account_id, region, repository, digest)) WITHOUT ROWID;
    CREATE INDEX ecr_layers_by_digest ON ecr_layers (digest);
    CREATE TABLE ecr_uploads (
        account_id TEXT NOT NULL, region TEXT NOT NULL, repository TEXT NOT NULL, id TEXT NOT NULL,
        begun_at REAL NOT NULL, PRIMARY KEY (id)) WITHOUT ROWID;
    CREATE TABLE ecr_secrets (name TEXT NOT NULL PRIMARY KEY, secret TEXT NOT NULL) WITHOUT ROWID;
    """,
)
_HERE = "account_id = ? AND region = ? AND repository = ?"
_SHOWN = "digest, media_type, artifact_type, subject, size, pushed_at, pulled_at, refers_to"
T = TypeVar("T")
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Image:
    """An image, or an index of some, but for its manifest.

    Args:
        size: Bytes of what it refers to.
        refers_to: Digests of configuration and layers, or of an index's images.
        tags: In order.
    """

    digest: str
    media_type: str
    artifact_type: str | None
    subject: str | None
    size: int
    pushed_at: float
    pulled_at: float | None
    refers_to: tuple[str, ...]
    tags: tuple[str, ...] = ()


def key_of(scope: Scope, repository: str) -> Key:
    """Return the key under which everything of a repository is stored."""
    return scope.account_id, scope.region, repository


class Records:
    """Reads of ECR's tables; `change` for writes."""

    def __init__(self, database: Database) -> None:
        database.migrate("ecr", MIGRATIONS)
        self._database = database

    def repository(self, scope: Scope, name: str) -> Repository | None:
        """Return a repository; None where there is none of that name."""
        row = self._database.one(
            "SELECT body FROM ecr_repositories WHERE account_id = ? AND region = ? AND name = ?",
            key_of(scope, name),
        )
        return Repository.read(scope, name, row["body"]) if row else None

    def repositories(self, scope: Scope) -> list[Repository]:
        """Return an account's repositories in a region, by name."""
        rows = self._database.all(
            "SELECT name, body FROM ecr_repositories WHERE account_id = ? AND region = ? ORDER BY name",
            (scope.account_id, scope.region),
        )
        return [Repository.read(scope, row["name"], row["body"]) for row in rows]

    def all_with_lifecycle(self) -> list[Repository]:
        """Return the repositories that have a lifecycle policy, of everybody."""
        rows = self._database.all('SELECT * FROM ecr_repositories WHERE body LIKE \'%"lifecycle": "%\'')
        return [
            Repository.read(Scope(row["account_id"], row["region"]), row["name"], row["body"]) for row in rows
        ]

    def images(self, scope: Scope, repository: str) -> list[Image]:
        """Return the images of a repository with their tags, by digest."""
        key = key_of(scope, repository)
        tags: dict[str, list[str]] = {}
        for row in self._database.all(f"SELECT tag, digest FROM ecr_tags WHERE {_HERE} ORDER BY tag", key):
            tags.setdefault(row["digest"], []).append(row["tag"])
        rows = self._database.all(f"SELECT {_SHOWN} FROM ecr_images WHERE {_HERE} ORDER BY digest", key)
        return [_image(row, tags.get(row["digest"], ())) for row in rows]

    def image(self, scope: Scope, repository: str, digest: str | None, tag: str | None) -> Image | None:
        """Return one image, by its digest, its tag, or both where they agree."""
        key = key_of(scope, repository)
        if tag is not None:
            row = self._database.one(f"SELECT digest FROM ecr_tags WHERE {_HERE} AND tag = ?", (*key, tag))
            if row is None or (digest is not None and digest != row["digest"]):
                return None
            digest = row["digest"]
        row = self._database.one(
            f"SELECT {_SHOWN} FROM ecr_images WHERE {_HERE} AND digest = ?", (*key, digest)
        )
        if row is None:
            return None
        tags = self._database.all(
            f"SELECT tag FROM ecr_tags WHERE {_HERE} AND digest = ? ORDER BY tag", (*key, digest)
        )
        return _image(row, [each["tag"] for each in tags])

    def manifest(self, scope: Scope, repository: str, digest: str) -> bytes | None:
        """Return the bytes of a manifest."""
        row = self._database.one(
            f"SELECT manifest FROM ecr_images WHERE {_HERE} AND digest = ?",
            (*key_of(scope, repository), digest),
        )
        return bytes(row["manifest"]) if row else None

    def tags(self, scope: Scope, repository: str, after: str, limit: int) -> list[str]:
        """Return tags, by name, behind one."""
        rows = self._database.all(
            f"SELECT tag FROM ecr_tags WHERE {_HERE} AND tag > ? ORDER BY tag LIMIT ?",
            (*key_of(scope, repository), after, limit),
        )
        return [row["tag"] for row in rows]

    def layer_size(self, scope: Scope, repository: str, digest: str) -> int | None:
        """Return the size of a layer that the repository has; None where it has none of that digest."""
        row = self._database.one(
            f"SELECT size FROM ecr_layers WHERE {_HERE} AND digest = ?", (*key_of(scope, repository), digest)
        )
        return int(row["size"]) if row else None

    def has_upload(self, scope: Scope, repository: str, upload: str) -> bool:
        """Tell whether an upload is one of this repository's."""
        row = self._database.one(
            f"SELECT 1 FROM ecr_uploads WHERE {_HERE} AND id = ?", (*key_of(scope, repository), upload)
        )
        return row is not None

    def uploads_before(self, at: float) -> list[str]:
        """Return uploads that were begun before a time."""
        return [r["id"] for r in self._database.all("SELECT id FROM ecr_uploads WHERE begun_at < ?", (at,))]

    def known_blobs(self, digests: list[str]) -> set[str]:
        """Return which of some digests a repository has."""
        return self._known("SELECT DISTINCT digest AS name FROM ecr_layers WHERE digest IN", digests)

    def known_uploads(self, uploads: list[str]) -> set[str]:
        """Return which of some uploads are some repository's."""
        return self._known("SELECT id AS name FROM ecr_uploads WHERE id IN", uploads)

    def _known(self, sql: str, names: list[str]) -> set[str]:
        marks = ", ".join("?" * len(names))
        return {row["name"] for row in self._database.all(f"{sql} ({marks})", names)}

    def secret(self, name: str) -> str | None:
        """Return a secret of the registry's own."""
        row = self._database.one("SELECT secret FROM ecr_secrets WHERE name = ?", (name,))
        return row["secret"] if row else None

    async def change(self, work: Callable[[Writing], T]) -> T:
        """Run `work` in a transaction; what it raises undoes it."""
        return await self._database.write(lambda tx: work(Writing(tx)))


def _image(row: Row, tags: Iterable[str]) -> Image:
    return Image(
        row["digest"], row["media_type"], row["artifact_type"], row["subject"], row["size"],
        row["pushed_at"], row["pulled_at"], tuple(json.loads(row["refers_to"])), tuple(tags),
    )  # fmt: skip


class Writing:
    """ECR's tables within a transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def repository(self, scope: Scope, name: str) -> Repository | None:
        """Return a repository."""
        row = self._tx.execute(
            "SELECT body FROM ecr_repositories WHERE account_id = ? AND region = ? AND name = ?",
            key_of(scope, name),
        ).fetchone()
        return Repository.read(scope, name, row["body"]) if row else None

    def repository_count(self, scope: Scope) -> int:
        """Return how many an account has in a region."""
        return self._count(
            "ecr_repositories WHERE account_id = ? AND region = ?", (scope.account_id, scope.region)
        )

    def put_repository(self, repository: Repository) -> None:
        """Store a repository."""
        self._tx.execute(
            "INSERT OR REPLACE INTO ecr_repositories VALUES (?, ?, ?, ?)",
            (*key_of(repository.scope, repository.name), repository.body()),
        )

    def remove_repository(self, scope: Scope, name: str) -> tuple[set[str], list[str]]:
        """Delete a repository with all that it holds; return digests that nobody has now, and uploads."""
        key = key_of(scope, name)
        digests = [
            row["digest"] for row in self._tx.execute(f"SELECT digest FROM ecr_layers WHERE {_HERE}", key)
        ]
        uploads = [row["id"] for row in self._tx.execute(f"SELECT id FROM ecr_uploads WHERE {_HERE}", key)]
        for table in ("ecr_images", "ecr_tags", "ecr_layers", "ecr_uploads"):
            self._tx.execute(f"DELETE FROM {table} WHERE {_HERE}", key)
        self._tx.execute("DELETE FROM ecr_repositories WHERE account_id = ? AND region = ? AND name = ?", key)
        return self._unwanted(digests), uploads

    def image_count(self, scope: Scope, repository: str) -> int:
        """Return how many images a repository has."""
        return self._count(f"ecr_images WHERE {_HERE}", key_of(scope, repository))

    def has_image(self, scope: Scope, repository: str, digest: str) -> bool:
        """Tell whether the repository has an image."""
        key = (*key_of(scope, repository), digest)
        return self._count(f"ecr_images WHERE {_HERE} AND digest = ?", key) > 0

    def tagged(self, scope: Scope, repository: str, tag: str) -> str | None:
        """Return the digest that has a tag."""
        row = self._tx.execute(
            f"SELECT digest FROM ecr_tags WHERE {_HERE} AND tag = ?", (*key_of(scope, repository), tag)
        ).fetchone()
        return row["digest"] if row else None

    def tag_count(self, scope: Scope, repository: str, digest: str) -> int:
        """Return how many tags an image has."""
        return self._count(f"ecr_tags WHERE {_HERE} AND digest = ?", (*key_of(scope, repository), digest))

    def put_image(self, scope: Scope, repository: str, image: Image, manifest: bytes) -> None:
        """Store an image that is not there yet."""
        self._tx.execute(
            "INSERT INTO ecr_images (account_id, region, repository, digest, media_type, artifact_type, "
            "subject, size, pushed_at, pulled_at, refers_to, manifest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key_of(scope, repository), image.digest, image.media_type, image.artifact_type,
                image.subject, image.size, image.pushed_at, image.pulled_at, json.dumps(image.refers_to),
                manifest,
            ),
        )  # fmt: skip

    def put_tag(self, scope: Scope, repository: str, tag: str, digest: str) -> None:
        """Give a tag to an image; another that had it loses it."""
        self._tx.execute(
            "INSERT OR REPLACE INTO ecr_tags VALUES (?, ?, ?, ?, ?)",
            (*key_of(scope, repository), tag, digest),
        )

    def remove_tag(self, scope: Scope, repository: str, tag: str) -> None:
        """Take a tag away."""
        self._tx.execute(f"DELETE FROM ecr_tags WHERE {_HERE} AND tag = ?", (*key_of(scope, repository), tag))

    def pulled(self, scope: Scope, repository: str, digest: str, at: float) -> None:
        """Note when an image was pulled."""
        self._tx.execute(
            f"UPDATE ecr_images SET pulled_at = ? WHERE {_HERE} AND digest = ?",
            (at, *key_of(scope, repository), digest),
        )

    def indexes_of(self, scope: Scope, repository: str, digest: str) -> list[str]:
        """Return the digests of indexes that refer to an image."""
        rows = self._tx.execute(
            f"SELECT digest FROM ecr_images WHERE {_HERE} AND digest != ? AND refers_to LIKE ?",
            (*key_of(scope, repository), digest, f'%"{digest}"%'),
        )
        return [row["digest"] for row in rows]

    def remove_image(self, scope: Scope, repository: str, image: Image) -> set[str]:
        """Delete an image with its tags, and the layers that no other has; return digests that nobody has."""
        key = key_of(scope, repository)
        self._tx.execute(f"DELETE FROM ecr_tags WHERE {_HERE} AND digest = ?", (*key, image.digest))
        self._tx.execute(f"DELETE FROM ecr_images WHERE {_HERE} AND digest = ?", (*key, image.digest))
        kept: set[str] = set()
        for row in self._tx.execute(f"SELECT refers_to FROM ecr_images WHERE {_HERE}", key):
            kept.update(json.loads(row["refers_to"]))
        return self._remove_layers(key, [digest for digest in image.refers_to if digest not in kept])

    def put_layer(self, scope: Scope, repository: str, digest: str, size: int, at: float) -> None:
        """Note that a repository has a layer."""
        self._tx.execute(
            "INSERT OR REPLACE INTO ecr_layers VALUES (?, ?, ?, ?, ?, ?)",
            (*key_of(scope, repository), digest, size, at),
        )

    def has_layer(self, scope: Scope, repository: str, digest: str) -> bool:
        """Tell whether the repository has a layer."""
        return (
            self._count(f"ecr_layers WHERE {_HERE} AND digest = ?", (*key_of(scope, repository), digest)) > 0
        )

    def touch_layers(self, scope: Scope, repository: str, digests: Iterable[str], at: float) -> None:
        """Note that somebody has been told that layers are there, so that they stay for a while."""
        for digest in digests:
            self._tx.execute(
                f"UPDATE ecr_layers SET uploaded_at = ? WHERE {_HERE} AND digest = ?",
                (at, *key_of(scope, repository), digest),
            )

    def remove_stale_layers(self, before: float) -> set[str]:
        """Delete layers that no image refers to and that came before a time; return what nobody has."""
        gone: set[str] = set()
        places = self._tx.execute(
            "SELECT DISTINCT account_id, region, repository FROM ecr_layers WHERE uploaded_at < ?", (before,)
        ).fetchall()
        for place in places:
            key = (place["account_id"], place["region"], place["repository"])
            kept: set[str] = set()
            for row in self._tx.execute(f"SELECT refers_to FROM ecr_images WHERE {_HERE}", key):
                kept.update(json.loads(row["refers_to"]))
            old = self._tx.execute(
                f"SELECT digest FROM ecr_layers WHERE {_HERE} AND uploaded_at < ?", (*key, before)
            ).fetchall()
            gone |= self._remove_layers(key, [row["digest"] for row in old if row["digest"] not in kept])
        return gone

    def begin_upload(self, scope: Scope, repository: str, upload: str, at: float) -> None:
        """Note that an upload has begun."""
        self._tx.execute(
            "INSERT INTO ecr_uploads VALUES (?, ?, ?, ?, ?)", (*key_of(scope, repository), upload, at)
        )

    def upload_count(self, account_id: str) -> int:
        """Return how many uploads of an account are under way."""
        return self._count("ecr_uploads WHERE account_id = ?", (account_id,))

    def end_upload(self, upload: str) -> None:
        """Note that an upload is over."""
        self._tx.execute("DELETE FROM ecr_uploads WHERE id = ?", (upload,))

    def put_secret(self, name: str, secret: str) -> None:
        """Store a secret unless there is one."""
        self._tx.execute("INSERT OR IGNORE INTO ecr_secrets VALUES (?, ?)", (name, secret))

    def _remove_layers(self, key: Key, digests: Iterable[str]) -> set[str]:
        digests = list(digests)
        for digest in digests:
            self._tx.execute(f"DELETE FROM ecr_layers WHERE {_HERE} AND digest = ?", (*key, digest))
        return self._unwanted(digests)

    def _unwanted(self, digests: Iterable[str]) -> set[str]:
        return {digest for digest in digests if not self._count("ecr_layers WHERE digest = ?", (digest,))}

    def _count(self, what: str, parameters: tuple[object, ...]) -> int:
        row: Row = self._tx.execute(f"SELECT count(*) AS n FROM {what}", parameters).fetchone()
        return int(row["n"])
