"""`sagehen up`: in the foreground, or detached."""

from __future__ import annotations

import gc
import sys

from sagehen.app.settings import Settings


def start(settings: Settings, *, detach: bool) -> None:
    """Run the platform here until a signal, or start it in a session of its own."""
    if detach:
        from sagehen.cli.up.detached import start_detached

        start_detached(settings)
        return
    if settings.sandbox != "off":
        from sagehen.cli.up.own_scope import enter_scope

        enter_scope(sys.argv[1:])
    gc.disable()  # what is imported stays; the platform's Collector takes over when it is ready
    from sagehen.app.run import run

    sys.exit(run(settings))
