"""Deleting what user code left behind, however it left it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def remove_tree(root: Path) -> None:
    """Delete a folder and all that is in it; nothing where there is none. Blocking.

    Python's own way gives up at folders made unreadable, and runs out of stack where a thousand lie in
    one another. The system's tools do neither; like it, they follow no links.
    """
    try:
        shutil.rmtree(root)
    except FileNotFoundError:
        if not root.exists():
            return
    except (OSError, RecursionError):
        pass
    else:
        return
    for command in (("chmod", "-R", "u+rwX"), ("rm", "-rf")):
        subprocess.run([*command, "--", root.absolute()], check=False, stderr=subprocess.DEVNULL)
