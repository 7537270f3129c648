"""`python -m sagehen.modelserver --uds /run/sagehen/server.sock [--port 8080]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from sagehen.modelserver.requirements_file import RequirementsFailed, install_requirements
from sagehen.modelserver.server import run
from sagehen.modelserver.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Install the requirements, load the model, serve. Returns the exit code.

    Of several models each brings its own requirements, when it is loaded.
    """
    parser = argparse.ArgumentParser(prog="python -m sagehen.modelserver", description=__doc__)
    parser.add_argument("--uds", type=Path, help="unix socket to listen on")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="TCP port to listen on")
    options = parser.parse_args(arguments)
    if options.uds is None and options.port is None:
        parser.error("give --uds, --port or both")
    settings = Settings.from_environment(os.environ)
    try:
        install_requirements(settings.code_dir)
    except RequirementsFailed as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return run(settings, options.uds, (options.host, options.port) if options.port else None)


if __name__ == "__main__":
    sys.exit(main())
