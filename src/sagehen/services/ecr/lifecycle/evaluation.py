"""Which images a lifecycle policy expires. Pure.

Source: Amazon ECR User Guide, "Lifecycle policy evaluation rules": all rules are evaluated at the same time
and applied by priority; an image that a rule has taken is none of a later one's; an image that a rule counts
without expiring it is not expired by a later rule either. What an index refers to goes after the index.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sagehen.services.ecr.lifecycle.document import Rule
from sagehen.services.ecr.repositories.records import Image

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Expired:
    """An image that is to go.

    Args:
        priority: Of the rule that says so.
    """

    image: Image
    priority: int


def expired(rules: Sequence[Rule], images: Iterable[Image], now: float) -> list[Expired]:
    """Return what goes, in the order of deleting.

    Args:
        rules: By priority.
        now: Seconds since the epoch.
    """
    images = sorted(images, key=lambda image: (-image.pushed_at, image.digest))
    referred = {digest for image in images for digest in image.refers_to}
    gone: dict[str, Expired] = {}
    claimed: set[str] = set()
    for rule in rules:
        matching = [image for image in images if _matches(rule, image)]
        if rule.count_type == "imageCountMoreThan":
            chosen = matching[rule.count :]
        else:
            chosen = [image for image in matching if _age_s(rule, image, now) > rule.count * _DAY_S]
        for image in chosen:
            if image.digest not in claimed:
                gone.setdefault(image.digest, Expired(image, rule.priority))
        claimed |= {image.digest for image in matching}
    # An image that an index refers to cannot go before it, and stays where the index stays.
    indexes = [each for each in gone.values() if each.image.digest not in referred]
    parts = [each for each in gone.values() if each.image.digest in referred]
    staying = {digest for image in images if image.digest not in gone for digest in image.refers_to}
    return indexes + [each for each in parts if each.image.digest not in staying]


def _matches(rule: Rule, image: Image) -> bool:
    if rule.status == "any":
        return True
    if rule.status == "untagged":
        return not image.tags
    prefixed = all(any(tag.startswith(prefix) for tag in image.tags) for prefix in rule.prefixes)
    return prefixed and all(
        any(fnmatch.fnmatchcase(tag, re.sub(r"([?\[])", r"[\1]", pattern)) for tag in image.tags)
        for pattern in rule.patterns
    )


def _age_s(rule: Rule, image: Image, now: float) -> float:
    if rule.count_type == "sinceImagePulled":
        return now - (image.pushed_at if image.pulled_at is None else image.pulled_at)
    return now - image.pushed_at
