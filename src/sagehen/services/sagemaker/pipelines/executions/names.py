"""Names: of executions, and of what their steps make. Pure.

Recorded in outputs of public notebooks: `pipelines-4ag4m4tvyrta-AbaloneProcess-ALtH1fzbPB`; of tuning jobs,
with 31 characters at most, `4g1tqtdnpazy-HyperPa-yJz9mJtCbZ`.
"""

from __future__ import annotations

import string

from sagehen.domain.ids import Ids

_EXECUTION, _RANDOM = 12, 10
_LETTERS = string.ascii_letters + string.digits
_MOST = {"Tuning": 31}
_MOST_OF_A_NAME = 63


def execution_id(ids: Ids) -> str:
    """Draw the id of an execution."""
    return ids.text(_EXECUTION)


def job_name(ids: Ids, execution: str, kind: str, step: str, prefix: str | None = None) -> str:
    """Draw the name of what a step makes.

    Args:
        prefix: That the definition gives (the SDK's use_custom_job_prefix).
    """
    last = ids.text(_RANDOM, _LETTERS)
    most = _MOST.get(kind, _MOST_OF_A_NAME)
    if prefix:
        first = f"{prefix[: most - len(execution) - len(last) - 2].strip('-')}-{execution}"
        return f"{first}-{last}".strip("-")
    first = execution if kind == "Tuning" else f"pipelines-{execution}"
    room = most - len(first) - len(last) - 2
    # Names of jobs have no underscores.
    middle = step.replace("_", "-")[:room].strip("-")
    return f"{first}-{middle}-{last}" if middle else f"{first}-{last}"
