"""ResourceType: one entry of the tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """How resources of one type are made, changed and deleted.

    Args:
        name: `AWS::S3::Bucket`.
        service: botocore's name.
        identity: The physical id as a request's value: `$BucketName`, `$result.id`.
        create, update, delete: Steps, see the package's text.
        restore: What gives an old one back what the one took over that was to replace it.
        attributes: Of Fn::GetAtt -> a request's value.
        naming: The property that is its name, for templates that give none: `property`, `form`, `most`; or
            `given`, where each has to give one.
        gone: Error codes that say that there is no such resource.
        tags: `set` and `unset`, the steps that put `Tags` on one that is there and take them away; `after`,
            where its creation takes none; `form`, `map` where the property is no list.
        read: Steps that tell what it is now; the first, whether there is one.
        imports: Of one that is there already: `by`, the properties that identify it, and `id`.
        kept: Properties that a change of calls for nothing: a deletion reads them, a creation, or nothing.
        made_by: What makes it where no operation does, of `makers`.
        needs_capability: Whether a template needs CAPABILITY_IAM for it.
    """

    name: str
    service: str
    identity: str
    create: Sequence[Step] = ()
    update: Sequence[Step] = ()
    delete: Sequence[Step] = ()
    restore: Sequence[Step] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    naming: Mapping[str, Any] | None = None
    gone: Sequence[str] = ()
    tags: Mapping[str, Any] = field(default_factory=dict)
    read: Sequence[Step] = ()
    imports: Mapping[str, Any] = field(default_factory=dict)
    kept: Sequence[str] = ()
    made_by: str = ""
    needs_capability: bool = False

    @property
    def named_properties(self) -> frozenset[str]:
        """Properties that the steps of a creation name: all others are the rest."""
        found: set[str] = set()
        for step in self.create:
            found.update(_named(step.get("with") or {}))
            found.update(
                about(name) for name in (step.get(key) for key in ("when", "unless", "each")) if name
            )
            found.update(_named((step.get("undo") or {}).get("with") or {}))
            found.update(step.get("without") or ())
        if self.tags.get("after"):
            found.add("Tags")
        return frozenset((found | set(self.kept)) - {"id", "each", "result", "region", "account"})

    @property
    def is_spread(self) -> bool:
        """Whether even the first step is one for each of a list: there is no resource of its own."""
        return bool(self.create) and "each" in self.create[0]

    @property
    def identifying(self) -> frozenset[str]:
        """Properties that say which resource it is: a change of them is another resource."""
        found = {self.naming["property"]} if self.naming else set[str]()
        for step in self.delete:
            found.update(_named(step.get("with") or {}))
        return frozenset(found - {"id", "result", "each", *self.kept})

    @property
    def imported_by(self) -> Sequence[str]:
        """Properties that say which one is meant of those that exist; none where it cannot be imported."""
        if self.imports or not self.read:
            by: Sequence[str] = self.imports.get("by", ())
            return by
        is_named = self.naming is not None and "$result" not in self.identity
        return (self.naming["property"],) if is_named and self.naming else ()

    @property
    def import_identity(self) -> str:
        """The physical id of one that exists already, made of its properties."""
        return str(self.imports.get("id", self.identity))

    @property
    def takes_rest(self) -> tuple[str, str] | None:
        """The service and operation whose members the rest of the properties are."""
        for step in self.create:
            if (step.get("with") or {}).get("*") == "rest":
                return step.get("service", self.service), step["call"]
        return None


def about(name: str) -> str:
    """Return the property that `conversion:Name.Path` is about."""
    return name.rpartition(":")[2].split(".")[0]


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("$"):
        yield about(value[1:])
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)


@cache
def resource_types() -> Mapping[str, ResourceType]:
    """Return all types by name."""
    found = {}
    for file in sorted(files("sagehen.services.cloudformation.types").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            for name, entry in json.loads(file.read_text()).items():
                found[name] = ResourceType(name=name, **entry)
    return found


_CUSTOM = re.compile(r"Custom::[A-Za-z0-9_@-]{1,52}\Z")


def kind_of(name: str) -> ResourceType:
    """Return a type; of all of `Custom::` the one. KeyError where there is none."""
    known = resource_types()
    return known["AWS::CloudFormation::CustomResource"] if _CUSTOM.match(name) else known[name]


def is_known(name: str) -> bool:
    """Tell whether there is such a type."""
    return name in resource_types() or _CUSTOM.match(name) is not None
