"""The Python environment that jobs get: ours, and what of it is shown."""

from __future__ import annotations

import importlib.util
import site
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import sagehen
from sagehen.executors.base import Interpreter
from sagehen.executors.isolation.steps import Step

# Nothing is written there but the places of what is shown.
_COVER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """The interpreter that jobs get: ours, read-only.

    Args:
        executable: Absolute path of the interpreter, the same inside and outside.
        folders: What must be visible for it to work.
    """

    executable: str
    folders: tuple[Path, ...]

    @property
    def path(self) -> str:
        """The PATH that finds `python` and `pip` of this environment first."""
        return f"{Path(self.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    def steps(self, packages: tuple[str, ...] | None) -> list[Step]:
        """Return what shows the environment, with all that is installed or with `packages` alone.

        Of a virtual one that is all there is to see besides its base; in another (a system's, conda's) the
        folders of packages are covered, and `packages` shown in them again. Another than the platform's is
        shown whole.
        """
        if packages is None or self.executable != sys.executable:
            return [Step("ro", str(folder), str(folder)) for folder in self.folders]
        found = [path for name in packages if (path := installed_at(name)) is not None]
        configuration = Path(sys.prefix, "pyvenv.cfg")
        covers: list[Step] = []
        if configuration.is_file():
            seen = [folder for folder in self.folders if Path(sys.base_prefix).is_relative_to(folder)]
            seen += [configuration, Path(self.executable)]
        else:
            # Not the platform's own package, which a clone has elsewhere.
            prefixes = (Path(sys.base_prefix), Path(sys.base_exec_prefix), Path(sys.prefix))
            seen = [folder for folder in self.folders if any(p.is_relative_to(folder) for p in prefixes)]
            covers = [Step("tmpfs", folder, size=_COVER_BYTES) for folder in _package_folders()]
        whole = [Step("ro", str(path), str(path)) for path in seen]
        return [*whole, *covers, *(Step("ro", str(path), str(path)) for path in found)]


@lru_cache
def installed_at(package: str) -> Path | None:
    """Return the folder or file of an installed top-level package or module, or None. Imports nothing."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    path = Path(found.origin)
    path = path.parent if found.submodule_search_locations else path
    return path if path.is_relative_to(sysconfig.get_path("purelib")) else None


def _package_folders() -> list[str]:
    """Return the folders in which this interpreter finds installed packages, where there are any."""
    folders = dict.fromkeys((*site.getsitepackages(), sysconfig.get_path("purelib")))
    return [folder for folder in folders if Path(folder).is_dir()]


def own_python_environment() -> PythonEnvironment:
    """Return the environment that the platform itself runs in, with its own package."""
    package = Path(sagehen.__file__).parent
    candidates = (Path(sys.base_prefix), Path(sys.base_exec_prefix), Path(sys.prefix), package)
    folders: list[Path] = []
    for candidate in candidates:
        # /usr is there anyway, and a prefix of / would show the host's whole file system.
        seen = (Path("/usr"), *folders)
        if candidate != Path("/") and not any(candidate.is_relative_to(folder) for folder in seen):
            folders.append(candidate)
    return PythonEnvironment(sys.executable, tuple(folders))


def shown(interpreter: Interpreter | None, own: PythonEnvironment) -> PythonEnvironment:
    """Return the environment of a sandbox: `own` where no other interpreter is asked for."""
    return own if interpreter is None else PythonEnvironment(interpreter.executable, interpreter.folders)


def python_arguments(command: Sequence[str]) -> tuple[str, ...] | None:
    """Return the words after `python`, or None where the command is another."""
    return tuple(command[1:]) if command and command[0] in ("python", "python3") else None
