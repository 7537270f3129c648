"""When a notebook instance that nobody uses is stopped. Pure.

AWS leaves that to a lifecycle script that asks JupyterLab and calls StopNotebookInstance; here the operator
may say so for all (`sagehen up --notebook-idle 2h`).
"""

from __future__ import annotations

from datetime import datetime, timedelta


def is_idle(last_activity: datetime | None, came_up_at: datetime, now: datetime, idle_s: float) -> bool:
    """Tell whether nothing has happened for so long; never where nobody knows what has happened.

    Args:
        last_activity: Of kernels, terminals and clients, the last of all.
        came_up_at: Since when the instance has been in service: nobody can have used it before.
    """
    if last_activity is None:
        return False
    return now - max(last_activity, came_up_at) >= timedelta(seconds=idle_s)
