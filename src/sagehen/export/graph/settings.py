"""Settings: what differs between accounts, each once."""

from __future__ import annotations

from dataclasses import dataclass, field

from sagehen.export.graph.names import Names, camel
from sagehen.export.graph.values import Setting


@dataclass(slots=True)
class Settings:
    """The settings of a graph, by what each stands for."""

    found: dict[tuple[str, str], Setting] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    def of(self, kind: str, here: str, name: str, about: str, default: str | None = None) -> Setting:
        """Return the setting of a thing, a new one the first time."""
        if (kind, here) not in self.found:
            self.found[kind, here] = Setting(self.names.new(name), kind, about, here, default)
        return self.found[kind, here]

    def bucket(self, name: str) -> Setting:
        """Return what a bucket is called there: names of buckets are the whole world's."""
        return self.of("bucket", name, f"{camel(name)}BucketName", f"What the bucket {name} is called there.")

    def packages(self) -> Setting:
        """Return the bucket in which packages of functions lie."""
        about = "A bucket of yours with the packages of functions and layers; it may be one of the others."
        return self.of("packages", "", "PackagesBucketName", about)
