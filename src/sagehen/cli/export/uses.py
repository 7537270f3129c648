"""What roles were let do, of the platform's own record: AWS's API has nothing of the kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from sagehen.cli.operator import document
from sagehen.export.graph.used_policies import Uses


def uses_of(data_folder: Path, roles: Sequence[str]) -> Mapping[str, Uses]:
    """Return (action, resources) by a role's name."""
    return {
        role: [
            (one["action"], one["resources"])
            for one in document(data_folder, f"called?role={quote(role, safe='')}")["called"]
        ]
        for role in roles
    }
