"""Entity: an artifact, an action or a context, as it is recorded and told of. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.lineage.schema import ACTIONS, ARTIFACTS, CONTEXTS
from sagehen.services.sagemaker.resources import arns


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the three.

    Args:
        word: As members and messages begin.
        most: How many a client may make (documented: "Maximum number of manually created lineage entities").
        kept: Members of the Create request that Describe tells as they were given.
        listed: Members that a summary has besides those of all kinds.
    """

    word: str
    table: str
    most: int
    kept: tuple[str, ...]
    listed: tuple[str, ...] = ()

    @property
    def resource(self) -> str:
        """As ARNs have it."""
        return self.word.lower()

    @property
    def name(self) -> str:
        """The member that holds a name."""
        return f"{self.word}Name"

    @property
    def arn(self) -> str:
        """The member that holds an ARN."""
        return f"{self.word}Arn"

    @property
    def type(self) -> str:
        """The member that holds a type."""
        return f"{self.word}Type"


ARTIFACT = Kind("Artifact", ARTIFACTS, 6000, ("ArtifactName", "Properties", "MetadataProperties"))
ACTION = Kind(
    "Action", ACTIONS, 3000, ("Description", "Status", "Properties", "MetadataProperties"), ("Status",)
)
CONTEXT = Kind("Context", CONTEXTS, 500, ("Description", "Properties"))
KINDS = (ARTIFACT, ACTION, CONTEXT)


@dataclass(frozen=True, slots=True)
class Entity:
    """One of them.

    Args:
        name: As its ARN ends; of an artifact its digest.
        type: `DataSet`, `ModelDeployment` and the like, or anybody's word.
        source: Its Source, as it was given.
        automatic: The platform made it.
        members: What Describe shows besides.
    """

    kind: Kind
    scope: Scope
    name: str
    created_at: datetime
    modified_at: datetime
    type: str
    source: Mapping[str, Any]
    automatic: bool
    members: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @property
    def arn(self) -> str:
        return arns.resource_arn(self.scope, self.kind.resource, self.name)

    @property
    def shown_name(self) -> str | None:
        """What it is called where it has to be called something."""
        if self.kind is ARTIFACT:
            name: str | None = self.members.get("ArtifactName")
            return name
        return self.name


def artifact_name(source: Mapping[str, Any]) -> str:
    """Return what an artifact's ARN ends with: the same for the same source, so that there is one of it."""
    types = sorted((each["SourceIdType"], each["Value"]) for each in source.get("SourceTypes") or ())
    text = json.dumps([source["SourceUri"], types])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def describe(entity: Entity) -> dict[str, Any]:
    """Return what the Describe operations tell."""
    named = {} if entity.kind is ARTIFACT else {entity.kind.name: entity.name}
    return {
        **entity.members,
        **named,
        entity.kind.arn: entity.arn,
        entity.kind.type: entity.type,
        "Source": dict(entity.source),
        "CreationTime": entity.created_at,
        "LastModifiedTime": entity.modified_at,
    }


def summarize(entity: Entity) -> dict[str, Any]:
    """Return what the List operations tell."""
    kind = entity.kind
    shown = (kind.name, kind.arn, kind.type, "Source", "CreationTime", "LastModifiedTime", *kind.listed)
    told = describe(entity)
    return {member: told[member] for member in shown if member in told}


def changed(members: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members after an Update: what is named is set, properties are added and taken out."""
    given = ("ArtifactName", "Description", "Status")
    told = {**members, **{name: request[name] for name in given if request.get(name) is not None}}
    properties = dict(members.get("Properties") or {})
    for name in request.get("PropertiesToRemove") or ():
        properties.pop(name, None)
    properties |= request.get("Properties") or {}
    return {**told, "Properties": properties} if properties or "Properties" in members else told
