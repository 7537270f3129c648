"""Run by every Python of a training job as it starts. Does nothing unless that is pip or a rank of several.

pip would take the installed version of a package away before it brings another, and fails where the
environment is read-only. It leaves alone what lies outside its own environment; so it is told that
its environment is the job's folder of packages, which comes first on the path. Scripts that call
pip themselves, and the SageMaker SDK v3's drivers, which do, get what they ask for.
"""

import os
import sys


def _is_pip(arguments: list[str]) -> bool:
    """Return whether this is `python -m pip` or the script `pip`, `pip3`, ..."""
    for place, argument in enumerate(arguments[1:], 1):
        if argument == "-m":
            return arguments[place + 1 : place + 2] == ["pip"]
        if not argument.startswith("-"):
            return argument.rpartition("/")[2].startswith("pip")
    return False


def _keep_to(folder: str) -> None:
    try:
        from pip._internal.metadata import base
    except ImportError:  # a pip that is built otherwise goes on as it would without us
        return
    setattr(base, "is_local", lambda path: path.startswith(folder))  # noqa: B010  pip does not export it


def _keep_in_tune(arguments: list[str]) -> None:
    """Give `pip install` the constraints of what the environment has, as the toolkit does."""
    if "install" not in arguments:
        return
    import atexit

    from sagehen.trainingtoolkit import constraints

    after = arguments[arguments.index("install") + 1 :]
    file = constraints.written(constraints.requirements_in(after))
    atexit.register(file.unlink, missing_ok=True)
    arguments += ["-c", str(file)]


def _let_go() -> None:
    if "torch" not in sys.modules:
        return
    try:
        from sagehen.trainingtoolkit import transport
    except ImportError:  # the script has changed where modules come from
        return
    transport.let_go()


if os.environ.get("WORLD_SIZE", "1") not in ("", "0", "1"):  # torchrun's, and SDK v3's drivers start that
    import atexit

    atexit.register(_let_go)
if _is_pip(sys.orig_argv) and "PIP_PREFIX" in os.environ:
    _keep_to(os.environ["PIP_PREFIX"])
    _keep_in_tune(sys.argv)
