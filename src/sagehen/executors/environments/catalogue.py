"""The catalogue: what AWS's framework images hold, by repository and tag. Data in `catalogue.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

# Documented: Amazon ECR User Guide, private registries; accounts of AWS's own images differ by region.
_URI = re.compile(
    r"(?:\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/)?"
    r"(?P<repository>[a-z0-9._/-]+)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
_VERSION = re.compile(r"\d+(?:\.\d+)*(?:-\d+(?![\d.])(?=-|\Z))?")
_TRANSFORMERS = re.compile(r"-transformers(\d+(?:\.\d+)*)")
_PYTHON = re.compile(r"-py(3)(\d{1,2})(?=-|\Z)")
# The model's own bound of an image's name (ContainerImage, AlgorithmImage).
MOST_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class FrameworkImage:
    """What one tag of one of AWS's framework images promises.

    Args:
        framework: As the catalogue names it: `pytorch`, `sklearn`, ...
        purposes: What its repository is for: `training`, `inference`, `processing`.
        version: Of the tag: `2.6.0`, `1.2-1`, `2.1.0-transformers4.36.0`; '' where it has none.
        python: Its Python, such as `3.12`; None where nobody knows.
        distribution: The package that is the framework; None where there is none.
        pins: Package -> exact version, where the catalogue or the tag says it.
        packages: All packages that are built for it.
        left_out: Packages that it has on AWS and that are not built here.
        preload: The preload set of its processes.
        listed: The catalogue lists this version, with this Python.
        is_algorithm: It is an algorithm of AWS's own, for which the distribution stands.
        added: Module that it has on AWS -> what is installed at the start of a job whose source imports it.
    """

    framework: str
    purposes: tuple[str, ...]
    version: str
    python: str | None
    distribution: str | None
    pins: Mapping[str, str]
    packages: tuple[str, ...]
    left_out: tuple[str, ...]
    preload: str | None
    listed: bool = True
    is_algorithm: bool = False
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What all URIs have in common that promise the same: registry, purpose and processor are nothing."""
        return " ".join(filter(None, (self.framework, self.version, self.python and f"py{self.python}")))

    @property
    def wanted_version(self) -> str:
        """The framework's own version, as the tag says it."""
        return self.version.partition("-transformers")[0]


def find(uri: str) -> FrameworkImage | None:
    """Return what an image's name promises, or None where the catalogue does not know its repository.

    Args:
        uri: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`, or `<repository>:<tag>`.
    """
    match = _URI.fullmatch(uri) if len(uri) <= MOST_CHARACTERS else None
    found = _repositories().get(match["repository"]) if match else None
    if match is None or found is None:
        return None
    return _image(*found, match["tag"] or "")


def algorithm_without_library(uri: str) -> str | None:
    """Return the name of AWS's own algorithm that an image is and for which nothing stands here, or None."""
    match = _URI.fullmatch(uri) if len(uri) <= MOST_CHARACTERS else None
    return (
        match["repository"]
        if match and match["repository"] in _content()["algorithms_without_library"]
        else None
    )


def repositories(purpose: str) -> list[str]:
    """Return the names of all known repositories for a purpose."""
    return sorted(name for name, (_, purposes) in _repositories().items() if purpose in purposes)


def known() -> list[tuple[str, str]]:
    """Return (repository, version) of everything that the catalogue lists, newest last."""
    frameworks = _content()["frameworks"]
    return [
        (repository, version)
        for entry in frameworks.values()
        for repository in entry["repositories"]
        for version in entry["versions"]
    ]


def import_name(package: str) -> str:
    """Return the module by which a package is imported."""
    names: Mapping[str, str] = _content()["import_names"]
    return names.get(package, package.replace("-", "_"))


def package_of(module: str) -> str:
    """Return the package that brings a module: of the same name where the catalogue knows no other."""
    names: Mapping[str, str] = _content()["import_names"]
    return next((package for package, name in names.items() if name == module), module)


def facts() -> tuple[str, tuple[str, ...]]:
    """Return the catalogue's date and its sources."""
    content = _content()
    return content["date"], tuple(content["sources"])


def _image(framework: str, purposes: tuple[str, ...], tag: str) -> FrameworkImage:
    entry = _content()["frameworks"][framework]
    version = match[0] if (match := _VERSION.match(tag)) else ""
    transformers = match[1] if (match := _TRANSFORMERS.search(tag)) else None
    full = f"{version}-transformers{transformers}" if transformers else version
    listed = entry["versions"].get(full, {})
    python = f"{match[1]}.{match[2]}" if (match := _PYTHON.search(tag)) else listed.get("python")
    pins = dict(listed.get("pins", {}))
    is_algorithm = entry.get("algorithm", False)
    if not pins and version and not is_algorithm:  # newer than the catalogue, or never AWS's
        main = "torch" if framework == "huggingface" else entry["distribution"]
        if main is not None:
            pins[main] = version.partition("-")[0]
        if transformers:
            pins["transformers"] = transformers
    return FrameworkImage(
        framework=framework,
        purposes=purposes,
        version=full,
        python=python,
        distribution=entry["distribution"],
        pins=pins,
        packages=tuple(entry["packages"]),
        left_out=tuple(entry["left_out"]),
        added=_added(entry, full.partition("-")[0]),
        preload=entry["preload"],
        listed=full in entry["versions"] and python == entry["versions"][full].get("python"),
        is_algorithm=is_algorithm,
    )


def _added(entry: Mapping[str, Any], version: str) -> dict[str, tuple[str, ...]]:
    """Return what the images of a framework up to some version have besides."""
    return {
        module: tuple(addition["packages"])
        for module, addition in entry.get("added", {}).items()
        if version and _numbers(version) < _numbers(addition["below"])
    }


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in version.split("."))


@cache
def _repositories() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        repository: (framework, tuple(purposes))
        for framework, entry in _content()["frameworks"].items()
        for repository, purposes in entry["repositories"].items()
    }


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("catalogue.json").read_text())
    return content
