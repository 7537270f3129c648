"""Digests: the names of contents."""

from __future__ import annotations

import hashlib
import re

# The OCI specification registers sha512 as well; ECR takes this one alone (documented: OCI artifacts in ECR).
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def is_digest(text: object) -> bool:
    """Tell whether a text is a digest as contents here are named: `sha256:` and 64 hexadecimal digits."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def digest_of(content: bytes) -> str:
    """Return the digest of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
