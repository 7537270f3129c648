"""The process in which a plan is rehearsed: it reads `{"plan": text}`, and prints a document or `refused`."""

from __future__ import annotations

import json
import os
import resource
import sys

# Of processor time, and of memory: a week at a thousand requests a second stays far below both.
MOST_CPU_S = 60
_MOST_BYTES = 1 << 30


def main() -> None:
    """Answer one question."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    os.nice(10)  # jobs and endpoints come first
    from sagehen.console.documents.rehearsal.bounded import rehearsed
    from sagehen.simulation.plan.errors import PlanError

    try:
        answer = rehearsed(json.load(sys.stdin)["plan"])
    except (PlanError, ValueError) as refused:
        answer = {"refused": str(refused)}
    json.dump(answer, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
