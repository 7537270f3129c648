"""The plan of a build: what the resolver is asked, from exactly what the image has to what can be had."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sagehen.executors.environments.catalogue import FrameworkImage, import_name

# What jobs and endpoints need of any environment: pip for requirements.txt, HTTP for the model server.
TOOLS = ("pip", "setuptools", "httptools", "uvloop")
# Packages that are of one kind with torch: built for exactly one version of it.
_OF_TORCH = ("torch", "torchvision", "torchaudio")
# Wheels that were compiled for numpy 1 and do not say so; first versions of those that know numpy 2.
_BEFORE_NUMPY_2 = {"torch": (2, 3), "scikit-learn": (1, 4, 2), "xgboost": (2, 1)}
# Newer versions of pyarrow want numpy 2 and do not say so, either (26.0.1 was seen to refuse to be imported).
_OF_ITS_TIME = {"numpy": "<2", "pandas": "<3", "pyarrow": "<22"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FORMAT = "1"  # raised when what is put into an environment changes otherwise than by its lock


@dataclass(frozen=True, slots=True)
class Attempt:
    """One question to the resolver.

    Args:
        requirements: Lines of a requirements file.
        nearest: Packages of which the lowest versions that go together are wanted, to be found first.
    """

    requirements: tuple[str, ...]
    nearest: tuple[str, ...] = ()


def attempts(image: FrameworkImage, tools: tuple[str, ...] = TOOLS) -> Iterator[Attempt]:
    """Yield what to ask for, best first: all versions exact, the framework's exact, its nearest, any.

    At each step all packages are asked for, and where that cannot be, those without which scripts of that
    framework do not begin.
    """
    main = "torch" if "torch" in image.pins else image.distribution
    names = {name_of(package): package for package in (*image.packages, *tools)}
    core = {
        name: line
        for name, line in names.items()
        if name in image.pins or name in (*tools, "numpy", "pandas")
    }
    for chosen in (names, core):
        exact = dict(image.pins)
        yield Attempt(_lines(chosen, exact))
        framework = {name: version for name, version in exact.items() if name in (main, image.distribution)}
        if framework != exact:
            yield Attempt(_lines(chosen, framework))
        if main is not None and main in image.pins:
            family = [name for name in (main, *_OF_TORCH) if name in image.pins and name in chosen]
            at_least = {name: f">={image.pins[name]}" for name in family}
            yield Attempt(_lines(chosen, at_least), nearest=tuple(at_least))
            yield Attempt(_lines(chosen, {}))


def with_exact(attempt: Attempt, have: Mapping[str, str]) -> tuple[str, ...]:
    """Return an attempt's lines once the nearest versions are known."""
    packages = {name_of(line): line for line in attempt.requirements}
    return _lines(packages, {name: have[name] for name in attempt.nearest})


def _lines(packages: Mapping[str, str], pins: Mapping[str, str]) -> tuple[str, ...]:
    old = any(_older(pins[name], than) for name, than in _BEFORE_NUMPY_2.items() if name in pins)
    lines = []
    for name, line in packages.items():
        version = pins.get(name)
        if version is not None:
            line = f"{name}{version if version[0] in '<>=' else '==' + version}"
        elif old and name in _OF_ITS_TIME:
            line = f"{name}{_OF_ITS_TIME[name]}"
        lines.append(line)
    return tuple(lines)


def _older(version: str, than: tuple[int, ...]) -> bool:
    """Tell whether an exact version is older; a range is none."""
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    return numbers is not None and tuple(map(int, numbers[0].split("."))) < than


def name_of(requirement: str) -> str:
    """Return the package of a line such as `sagemaker<3`."""
    match = _NAME.match(requirement)
    assert match is not None, requirement
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def locked(lock: str) -> dict[str, str]:
    """Return name -> version of what the resolver answered: lines `name==version`."""
    found = {}
    for line in lock.splitlines():
        name, equals, version = line.partition(";")[0].strip().partition("==")
        if equals:
            found[name_of(name)] = version.strip()
    return found


def digest(lock: str, python: str, machine: str) -> str:
    """Return the id of what a lock makes with one Python on one kind of machine."""
    text = "\n".join((_FORMAT, python, machine, *sorted(line for line in lock.splitlines() if line.strip())))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def differences(image: FrameworkImage, have: Mapping[str, str], python: str) -> tuple[str, ...]:
    """Return what of an environment is other than the image promises, a sentence each."""
    notes = []
    if image.python is not None and not python.startswith(f"{image.python}."):
        notes.append(f"Python {python} instead of {image.python}")
    other = [
        f"{name} {have[name]} instead of {version}"
        for name, version in image.pins.items()
        if name in have and have[name].partition("+")[0] != version
    ]
    notes += other
    absent = [name for name in map(name_of, image.packages) if name not in have]
    if absent:
        notes.append(f"without {', '.join(absent)}")
    return tuple(notes)


def modules_to_try(image: FrameworkImage, have: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must be importable for an environment to be of use."""
    names = dict.fromkeys((*(filter(None, (image.distribution,))), *image.pins, *_OF_TORCH))
    packages = set(map(name_of, image.packages))
    return tuple(import_name(name) for name in names if name in have and name in packages)
