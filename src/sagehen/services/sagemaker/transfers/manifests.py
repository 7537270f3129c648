"""Manifest files: S3DataType ManifestFile, a prefix and the names below it."""

from __future__ import annotations

from pathlib import Path

from sagehen.api.bounded.json_text import NotJson, read_json

# Some 200,000 names. AWS documents no limit; here it is parsed in one piece, which takes 0.1 s at most.
_MANIFEST_BYTES = 16 * 1024**2


def parse_manifest(path: Path) -> tuple[str, list[str]]:
    """Return a manifest's prefix and the names below it: `[{"prefix": "s3://..."}, "name", ...]`.

    Raises:
        ValueError: It is none, or too large.
    """
    if path.stat().st_size > _MANIFEST_BYTES:
        raise ValueError(f"it has more than {_MANIFEST_BYTES} bytes")
    try:
        document = read_json(path.read_bytes())
    except NotJson as error:
        raise ValueError(f"it cannot be read as JSON: {error}") from None
    # Documented: S3DataSource's model, S3Uri; a prefix without names is an empty channel here.
    match document:
        case [{"prefix": str(prefix)}, *names] if all(isinstance(name, str) for name in names):
            return prefix, names
        case [{"prefix": str()}, *_]:
            raise ValueError("it lists something that is not a name")
    raise ValueError("no prefix is given")
