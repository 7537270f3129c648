"""Steps: the commands that bring objects and packages to where a template looks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sagehen.domain.s3_uris import bucket_and_key
from sagehen.export.graph.exported import Exported
from sagehen.export.writing.comments import shell_word, sync_pattern

# Of one bucket: more keys than a line can show are the whole bucket.
_MOST_KEYS = 20


def chosen(told: Exported, without: Collection[str] = ()) -> Iterator[str]:
    """Yield the lines that give what has no default its value; not of some kinds."""
    for setting in told.settings:
        if setting.default is None and setting.kind not in without:
            yield f"{setting.name}=   # {setting.about}"


def copies(told: Exported) -> Iterator[str]:
    """Yield two lines for each bucket with objects that are read: out of Sagehen, into AWS."""
    wanted: dict[str, list[str]] = {}
    for setting in told.of_kind("object"):
        found = bucket_and_key(setting.here)
        if found is not None and setting.here != setting.default:
            wanted.setdefault(found[0], []).append(found[1])
    for bucket, keys in wanted.items():
        name = next(one.name for one in told.of_kind("bucket") if one.here == bucket)
        alone = " --exclude '*'" + "".join(f" --include {_pattern(key)}" for key in keys)
        alone = alone if len(keys) <= _MOST_KEYS else ""
        folder = shell_word(f"objects/{bucket}")
        yield f'(eval "$(sagehen env)"; aws s3 sync {shell_word(f"s3://{bucket}")} {folder}{alone})'
        yield f'aws s3 sync {folder} "s3://${name}"'


def _pattern(key: str) -> str:
    """Return what means a key, or what lies below a prefix."""
    return shell_word(sync_pattern(key) + ("*" if key.endswith("/") or not key else ""))


def packages_copied(told: Exported) -> Iterator[str]:
    """Yield the line that brings packages of functions and layers."""
    if told.packages:
        yield 'aws s3 sync packages "s3://$PackagesBucketName/packages"'
