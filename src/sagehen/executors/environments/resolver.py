"""Resolver: from an image's name to the environment that stands for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from sagehen.executors.environments import environment
from sagehen.executors.environments.built import BuiltEnvironments
from sagehen.executors.environments.catalogue import FrameworkImage
from sagehen.executors.environments.environment import Environment
from sagehen.executors.environments.interpreter import InterpreterFacts
from sagehen.executors.environments.mapped import MappedEnvironments


class EnvironmentGone(Exception):
    """What the operator mapped is not there any more; the message says what to do."""


class Environments:
    """The environments of one data folder: mapped, built, and the platform's own.

    Args:
        folder: Theirs, in the data folder; None: there is the platform's own alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.mapped = None if folder is None else MappedEnvironments(folder)
        self.built = None if folder is None else BuiltEnvironments(folder / "built")
        self._seen: dict[str, tuple[object, Environment]] = {}

    def of_operator(self, uri: str) -> Environment | None:
        """Return what the operator mapped an image's name to, or None.

        Raises:
            EnvironmentGone: It was removed since.
        """
        mapping = None if self.mapped is None else self.mapped.find(uri)
        if mapping is None:
            return None
        facts = mapping.facts
        if not os.access(facts.executable, os.X_OK):
            raise EnvironmentGone(
                f"{uri} is mapped to {facts.prefix}, which is not there any more: `sagehen images use "
                f"'{mapping.pattern}' VENV` with another one, or `sagehen images remove '{mapping.pattern}'`"
            )
        return self._made(f"mapped {mapping.pattern}", facts, "mapped", facts.prefix)

    def of_image(self, image: FrameworkImage) -> Environment | None:
        """Return the environment that was built for an image, or None."""
        built = None if self.built is None else self.built.find(image.key)
        if built is None or self.built is None:
            return None
        self.built.hold(built.id)
        return self._made(f"built {image.key}", built.facts, "built", built.id, built.notes)

    def unbuilt(self, image: FrameworkImage) -> Environment:
        """Return what stands for an image until it is built."""
        return Environment("unbuilt", "an environment that is to be built", image.python or "3", {})

    def local(self) -> Environment:
        """Return the platform's own."""
        return environment.local()

    def _made(
        self,
        key: str,
        facts: InterpreterFacts,
        kind: Literal["mapped", "built"],
        name: str,
        notes: tuple[str, ...] = (),
    ) -> Environment:
        """Return an environment, made once: what it must be shown is looked at on disk."""
        seen = self._seen.get(key)
        if seen is None or seen[0] != (facts, name, notes):
            made = environment.of_facts(kind, name, facts, notes)
            seen = self._seen[key] = ((facts, name, notes), made)
        return seen[1]
