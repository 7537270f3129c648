"""Deleting what user code left behind, however it left it."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import threading
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


def discard(folder: Path) -> None:
    """Take a folder away at once, whatever it holds: it is renamed, and deleted by a thread of its own."""
    try:
        folder.rename(folder.with_name(f"{folder.name}.discarded-{secrets.token_hex(6)}"))
    except FileNotFoundError:
        return
    sweep_discarded(folder)


def discard_all(folder: Path) -> None:
    """Likewise, with all that lies in a folder, of whatever life; what an ended one had taken away, too."""
    for left in list(folder.iterdir()):
        discard(left)


def sweep_discarded(folder: Path) -> None:
    """Delete in a thread what `discard` took away, also in a life that ended too soon."""

    def work() -> None:
        for aside in folder.parent.glob(f"{folder.name}.discarded-*"):
            remove_tree(aside)

    # A daemon: the end of the platform does not wait for it, the next start goes on.
    threading.Thread(target=work, name="discard", daemon=True).start()
