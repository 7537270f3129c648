"""Tag sets: pure checks and forms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from sagehen.domain.system_tags import is_reserved
from sagehen.services.s3.errors.objects import InvalidTag
from sagehen.services.s3.errors.requests import BadRequest, InvalidArgument

# Documented: Categorizing your objects using tags; Using cost allocation S3 bucket tags.
OBJECT_TAGS, BUCKET_TAGS = 10, 50
# Letters, digits and blanks of any script, and these: AWS's general rule for tags.
_TEXT = re.compile(r"[\w\s+\-=.:/@]*")


def parse_tagging_header(header: str) -> dict[str, str]:
    """Return the tags of an x-amz-tagging header (`project=birds&stage=test`).

    Raises:
        InvalidArgument: It is not URL query encoding, or names a key twice.
    """
    pairs = parse_qsl(header, keep_blank_values=True)
    tags = dict(pairs)
    fits = all(_TEXT.fullmatch(name) and _TEXT.fullmatch(value) for name, value in pairs)
    if len(tags) != len(pairs) or (header and not pairs) or not fits:
        raise InvalidArgument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
            "without tag name duplicates.",
            "x-amz-tagging",
            header,
        )
    return check_tags(tags, OBJECT_TAGS)


def parse_tag_set(tag_set: Sequence[Mapping[str, str]], limit: int) -> dict[str, str]:
    """Return the tags of a Tagging structure.

    Raises:
        InvalidTag: A key occurs twice, or a tag breaks a limit.
    """
    tags: dict[str, str] = {}
    for tag in tag_set:
        if tag["Key"] in tags:
            raise InvalidTag("Cannot provide multiple Tags with the same key", TagKey=tag["Key"])
        tags[tag["Key"]] = tag.get("Value", "")
    return check_tags(tags, limit)


def check_tags(tags: dict[str, str], limit: int) -> dict[str, str]:
    """Return tags that keep AWS's limits: 128 characters a key, 256 a value, no `aws:`.

    Args:
        limit: `OBJECT_TAGS` or `BUCKET_TAGS`; the texts differ.

    Raises:
        BadRequest: There are more.
        InvalidTag: A key or value is too long, or has characters that tags may not have.
    """
    if len(tags) > limit:
        raise BadRequest(
            f"Object tags cannot be greater than {limit}"
            if limit == OBJECT_TAGS
            else f"Bucket tag count cannot be greater than {limit}"
        )
    # Documented: Categorizing your objects using tags; texts recorded, those of counts from public reports.
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or not _TEXT.fullmatch(key):
            raise InvalidTag("The TagKey you have provided is invalid", TagKey=key)
        if len(value) > 256 or not _TEXT.fullmatch(value):
            raise InvalidTag("The TagValue you have provided is invalid", TagKey=key, TagValue=value)
        if is_reserved(key):
            raise InvalidTag(
                "Your TagKey cannot be prefixed with aws:"
                if limit == OBJECT_TAGS
                else "System tags cannot be added/updated by requester",
                TagKey=key,
            )
    return tags


def tag_set(tags: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Return tags as the model's TagSet."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
