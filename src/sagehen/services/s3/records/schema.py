"""S3's tables. SQL over them lives beside this file, in `contents.segments` and in `lifecycle.records`.

A content is the bytes of one object version or part: segments in order, each either inline data or
a range of a blob. A version that is one piece of inline data has it in its own row, and no content
id: to put a small object then changes one row. Keys compare as UTF-8 bytes (BINARY), which is S3's
order of listings.
"""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE s3_buckets (
        name TEXT PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL,
        created_ms INTEGER NOT NULL, versioning TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID;
    CREATE INDEX s3_buckets_of_account ON s3_buckets (account_id, name);

    CREATE TABLE s3_bucket_configurations (
        bucket TEXT NOT NULL, kind TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (bucket, kind)
    ) WITHOUT ROWID;

    CREATE TABLE s3_versions (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL,
        is_latest INTEGER NOT NULL, is_marker INTEGER NOT NULL,
        owner_id TEXT NOT NULL, modified_ms INTEGER NOT NULL,
        size INTEGER NOT NULL, etag TEXT NOT NULL, storage_class TEXT NOT NULL,
        checksum_algorithm TEXT NOT NULL, checksum_type TEXT NOT NULL, checksum TEXT NOT NULL,
        tags TEXT, details TEXT NOT NULL, content_id TEXT NOT NULL
    );
    CREATE UNIQUE INDEX s3_versions_in_order ON s3_versions (bucket, key, sequence DESC);
    CREATE UNIQUE INDEX s3_versions_by_id ON s3_versions (bucket, key, version_id);
    CREATE UNIQUE INDEX s3_current_objects ON s3_versions (bucket, key)
        WHERE is_latest = 1 AND is_marker = 0;

    CREATE TABLE s3_uploads (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        upload_id TEXT NOT NULL UNIQUE, bucket TEXT NOT NULL, key TEXT NOT NULL,
        initiated_ms INTEGER NOT NULL, initiator TEXT NOT NULL, storage_class TEXT NOT NULL,
        checksum_algorithm TEXT NOT NULL, checksum_type TEXT NOT NULL, checksum_asked INTEGER NOT NULL,
        tags TEXT, details TEXT NOT NULL
    );
    CREATE INDEX s3_uploads_in_order ON s3_uploads (bucket, key, sequence);

    CREATE TABLE s3_parts (
        upload_id TEXT NOT NULL, number INTEGER NOT NULL, content_id TEXT NOT NULL,
        size INTEGER NOT NULL, etag TEXT NOT NULL, checksum TEXT NOT NULL, modified_ms INTEGER NOT NULL,
        PRIMARY KEY (upload_id, number)
    ) WITHOUT ROWID;

    CREATE TABLE s3_segments (
        content_id TEXT NOT NULL, position INTEGER NOT NULL,
        data BLOB, blob_id TEXT, start INTEGER NOT NULL, length INTEGER NOT NULL
    );
    CREATE UNIQUE INDEX s3_segments_in_order ON s3_segments (content_id, position);
    CREATE UNIQUE INDEX s3_segments_of_blob ON s3_segments (blob_id) WHERE blob_id IS NOT NULL;
    """,
    "ALTER TABLE s3_versions ADD COLUMN data BLOB;",
    "ALTER TABLE s3_segments ADD COLUMN iv BLOB;",
)
