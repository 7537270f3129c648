"""`sagehen images`: which environments stand for images. It changes files of the data folder alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from sagehen.app.data_folder import DataFolder, DataFolderOfOthers
from sagehen.cli.failure import fail
from sagehen.cli.images.own import command as own_images
from sagehen.executors.environments import catalogue, interpreter, pip_settings
from sagehen.executors.environments import uv as uv_of_host
from sagehen.executors.environments.build import BuildFailed, build
from sagehen.executors.environments.built import BuiltEnvironments, InUse
from sagehen.executors.environments.catalogue import FrameworkImage
from sagehen.executors.environments.mapped import (
    InvalidPattern,
    MappedEnvironments,
    matches,
    require_pattern,
)
from sagehen.executors.environments.resolver import Environments
from sagehen.executors.hardware.gpus import gpu_indices

_NAMES_SHOWN = 5
_PACKAGES_SHOWN = ("torch", "torchvision", "transformers", "xgboost", "tensorflow", "scikit-learn")


def use(data_folder: Path, pattern: str, environment: Path) -> None:
    """Let a virtual environment stand for all images whose names a pattern means."""
    executable = _python_of(environment)
    mapped, _ = _environments(data_folder)
    try:
        facts = interpreter.ask(executable)
        mapped.add(pattern, facts)
    except (interpreter.UnusableInterpreter, InvalidPattern) as error:
        fail(str(error))
    print(f"{pattern} -> {facts.prefix}: Python {facts.version}{_has(facts.distributions)}")
    if "pip" not in facts.distributions:
        print("  It has no pip: what jobs name in requirements.txt cannot be installed.")
    if facts.short_version != sys.version_info[:2] and "httptools" not in facts.distributions:
        print("  It has no httptools, which endpoints need: `pip install httptools uvloop` there.")


def build_for(data_folder: Path, name: str, *, all_of_them: bool) -> None:
    """Build the environment of one of AWS's images, or of all that a pattern means."""
    images = _images(name)
    if not images:
        fail(
            f"{name}: the catalogue knows no such image (`sagehen images list`); `sagehen images use` lets "
            "an environment of your own stand for it"
        )
    if len(images) > 1 and not all_of_them:
        names = ", ".join(image.key for image in images[:_NAMES_SHOWN])
        more = len(images) - _NAMES_SHOWN
        fail(
            f"{name} means {len(images)} images ({names}{f' and {more} more' if more > 0 else ''}), a "
            "gigabyte or more each: name one, or add --all"
        )
    _, built = _environments(data_folder)
    variables = uv_of_host.settings(pip_settings.of_host(), os.environ)
    backends = uv_of_host.torch_backends(variables, len(gpu_indices()))
    try:
        uv = uv_of_host.Uv(uv_of_host.find_uv(), variables, _say)
        for image in images:
            entry = build(image, built, uv, _say, backends)
            print(f"{image.key} -> {entry.id}: Python {entry.facts.version}{_has(entry.facts.distributions)}")
    except (uv_of_host.UvMissing, BuildFailed) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped; the same command goes on from what was downloaded")


def show(data_folder: Path) -> None:
    """Print what is mapped, what is built, and what the catalogue knows."""
    folder = data_folder.absolute() / "environments"
    mapped, built = MappedEnvironments(folder), BuiltEnvironments(folder / "built")
    for mapping in mapped.all():
        there = "" if os.access(mapping.facts.executable, os.X_OK) else "  (not there any more)"
        facts = mapping.facts
        has = _has(facts.distributions)
        print(f"mapped  {mapping.pattern} -> {facts.prefix}  Python {facts.version}{has}{there}")
    for entry in built.all():
        names = ", ".join(entry.images) or "no image any more"
        size = f"{entry.size_bytes / 1e9:.1f} GB"
        python = f"Python {entry.facts.version}{_has(entry.facts.distributions)}"
        print(f"built   {entry.id}  {size}  for {names}  {python}")
        for note in entry.notes:
            print(f"        {note}")
    for environment_id in built.half_made():
        cut_off = "its build was cut off: build the image again, or remove it"
        print(
            f"half    {environment_id}  {'it is being built' if built.is_held(environment_id) else cut_off}"
        )
    own_images.show(data_folder)
    local = Environments().local()
    print(f"local   Python {local.python}{_has(local.distributions)}: what stands for all others")
    date, _ = catalogue.facts()
    print(f"known   {len(catalogue.known())} images of AWS's, as of {date}: {', '.join(_repositories())}")


def remove(data_folder: Path, name: str) -> None:
    """Forget a mapping, or delete a built environment (by its id, or by the image that it stands for)."""
    mapped, built = _environments(data_folder)
    if mapped.remove(name):
        print(f"{name} is not mapped any more; its environment was left as it is.")
        return
    promise = catalogue.find(name)
    found = built.find(promise.key) if promise else None
    environment_id = found.id if found else name
    try:
        if not built.remove(environment_id):
            if own_images.remove(data_folder, name):
                print(f"Deleted {name} from the registry.")
                return
            fail(
                f"{name}: no pattern that is mapped, no built environment, no image that one stands for and "
                "none of the running platform's registry"
            )
    except InUse:
        fail(f"{name} is being built, or a platform that runs has used it: `sagehen down` first")
    print(f"Deleted {environment_id}.")


def _images(name: str) -> list[FrameworkImage]:
    """Return what is meant, once for each environment that it takes."""
    if not any(character in name for character in "*?["):
        image = catalogue.find(name)
        return [image] if image else []
    try:
        require_pattern(name)
    except InvalidPattern as error:
        fail(str(error))
    listed = [f"{repository}:{version}" for repository, version in catalogue.known()]
    found = [catalogue.find(uri) for uri in listed if matches(name, uri)]
    return list({image.key: image for image in found if image}.values())


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def _environments(data_folder: Path) -> tuple[MappedEnvironments, BuiltEnvironments]:
    data = DataFolder(data_folder)
    try:
        data.claim()
    except (DataFolderOfOthers, OSError) as error:
        fail(str(error))
    return MappedEnvironments(data.environments), BuiltEnvironments(data.environments / "built")


def _python_of(environment: Path) -> Path:
    """Return the interpreter of a virtual environment, or of a Python's prefix."""
    folder = Path(os.path.normpath(environment.absolute()))  # no link resolved: it is known by its own place
    if folder.is_file():
        return folder
    for name in ("python", "python3"):
        if os.access(folder / "bin" / name, os.X_OK):
            return folder / "bin" / name
    fail(f"{environment} has no bin/python: VENV is the folder of a virtual environment")


def _has(distributions: Mapping[str, str]) -> str:
    return "".join(f", {name} {distributions[name]}" for name in _PACKAGES_SHOWN if name in distributions)


def _repositories() -> list[str]:
    return list(dict.fromkeys(repository for repository, _ in catalogue.known()))
