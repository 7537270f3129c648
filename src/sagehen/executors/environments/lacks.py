"""What an environment lacks of a source. Pure: decided from what was read and what was found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sagehen.executors.environments.source import Source

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Lacks:
    """Modules that an environment has not.

    Args:
        certain: Module -> where it is imported; a start would end in ModuleNotFoundError.
        perhaps: Module -> where; whether it is missed shows when the code runs.
    """

    certain: Mapping[str, str]
    perhaps: Mapping[str, str]

    def without(self, modules: Collection[str]) -> Lacks:
        """Return what is lacking still once these modules are there."""
        return Lacks(
            {name: at for name, at in self.certain.items() if name not in modules},
            {name: at for name, at in self.perhaps.items() if name not in modules},
        )


def judge(
    source: Source, missing: Collection[str], installed: Collection[str], published: Collection[str] = ()
) -> Lacks:
    """Sort what is missing by whether it must fail.

    Nothing is certain where something is still to be installed: a package may bring modules of any name.
    Where the source only changes where modules come from, what is known as a published package is not its
    own.

    Args:
        missing: The modules, of those that the source imports, that the environment has not.
        installed: Normalised names of the packages that the environment has.
        published: Modules of well-known packages.
    """
    certain = {name: at for name, at in source.certain.items() if name in missing}
    asked = {name.replace("-", "_") for name in source.requirements}
    perhaps = {name: at for name, at in source.perhaps.items() if name in missing}
    brings = source.opaque or source.installs or not set(source.requirements).issubset(installed)
    sure = {
        name: at
        for name, at in certain.items()
        if not brings and (not source.moves_path or name in published)
    }
    unsure = {name: at for name, at in certain.items() if name not in sure} | perhaps
    return Lacks(sure, {name: at for name, at in unsure.items() if name.lower() not in asked})


def listed(modules: Mapping[str, str]) -> str:
    """Return `torchvision (train.py line 3), pandas (data.py line 1)`; a long list is cut."""
    shown = [f"{_shown(name)} ({_shown(at)})" for name, at in list(modules.items())[:_MOST_NAMED]]
    more = len(modules) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _shown(text: str) -> str:
    """Return a user's text in one line of bounded length."""
    return "".join(c if c.isprintable() else "?" for c in text[:80])
