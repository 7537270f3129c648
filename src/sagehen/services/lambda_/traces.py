"""Trace headers: the chain of requests of an invocation, and how often each function ran in it. Pure.

Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1|68fd508a:5

AWS's SDKs hand on what they find in a function's `_X_AMZN_TRACE_ID`; Lambda counts in `Lineage`, of which
AWS keeps the insides to itself (documented: X-Ray Developer Guide, "Tracing header"). Here they are the first
digits of a hash of the function's ARN, and how often it ran.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import unquote

_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_PARENT = re.compile(r"[0-9a-f]{16}")
_RUNS = re.compile(r"([0-9a-f]{8}):(\d{1,4})")
# Longer headers are nobody's; of longer chains those functions are kept that ran most.
_MOST_CHARACTERS, _MOST_FUNCTIONS = 4096, 64


@dataclass(frozen=True, slots=True)
class Trace:
    """A chain of requests.

    Args:
        root, parent: As X-Ray has them; '' where there is none.
        sampled: `0` or `1`.
        runs: The function's hash -> how often it ran.
    """

    root: str = ""
    parent: str = ""
    sampled: str = "0"
    runs: Mapping[str, int] = field(default_factory=dict)

    def times(self, function_arn: str) -> int:
        """Return how often a function ran in this chain."""
        return self.runs.get(_hash(function_arn), 0)

    def with_run(self, function_arn: str) -> Trace:
        """Return the chain in which it ran once more."""
        runs = {**self.runs, _hash(function_arn): self.times(function_arn) + 1}
        if len(runs) > _MOST_FUNCTIONS:
            del runs[min(runs, key=lambda one: runs[one])]
        return replace(self, runs=runs)

    def header(self, hex_digits: Callable[[int], str], now_s: float) -> str:
        """Return the header, with a root and a parent.

        Args:
            hex_digits: Draws so many.
            now_s: Seconds since the epoch, for a root that begins here.
        """
        root = self.root or f"1-{int(now_s):08x}-{hex_digits(24)}"
        fields = {"Root": root, "Parent": self.parent or hex_digits(16), "Sampled": self.sampled}
        if self.runs:
            fields["Lineage"] = "|".join(f"{one}:{times}" for one, times in self.runs.items())
        return ";".join(f"{name}={value}" for name, value in fields.items())


def read_trace(header: str | None) -> Trace:
    """Read a header; what is none of the above, or not what it should be, is as if it were not there."""
    if not header or len(header) > _MOST_CHARACTERS:
        return Trace()
    # boto's header is encoded: the bar is %7C.
    fields = dict(part.strip().partition("=")[::2] for part in unquote(header).split(";"))
    root, parent, sampled = fields.get("Root", ""), fields.get("Parent", ""), fields.get("Sampled", "")
    return Trace(
        root if _ROOT.fullmatch(root) else "",
        parent if _PARENT.fullmatch(parent) else "",
        sampled if sampled in ("0", "1") else "0",
        dict(_runs(fields.get("Lineage", ""))),
    )


def _runs(lineage: str) -> list[tuple[str, int]]:
    found = (_RUNS.fullmatch(part) for part in lineage.split("|")[:_MOST_FUNCTIONS])
    return [(one[1], int(one[2])) for one in found if one]


@lru_cache(maxsize=4096)
def _hash(function_arn: str) -> str:
    return hashlib.sha256(function_arn.encode()).hexdigest()[:8]
