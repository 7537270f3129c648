"""InferenceComponent: what is desired of one component, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant, variant_of
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.services.sagemaker.resources import arns

# As AWS words it in errors.
KIND = "inference component"
Placement = Literal["SPREAD", "BINPACK"]


@dataclass(frozen=True, slots=True)
class Revision:
    """One specification of a component with what its model said then; numbers count from 1.

    Args:
        specification: As it was given; what an update leaves out is the earlier one's.
        served: What a copy runs. Its name is the endpoint's variant's.
        needs: What is reserved for each copy.
        most_memory_mb: MaxMemoryRequiredInMb; None: a copy may have what its instance has.
        placement: Where the next copy goes.
    """

    number: int
    specification: Mapping[str, Any]
    served: EndpointVariant
    needs: Needs
    most_memory_mb: int | None
    placement: Placement
    created_at: float


@dataclass(frozen=True, slots=True)
class InferenceComponent:
    """A component's record.

    Args:
        endpoint: The endpoint's name, and when that was created: another of the same name is not its host.
        copies: CopyCount that is desired.
        copies_before: What was, while an update goes on.
        live: The revision that is in service.
        pending: The one that is to replace it, copy by copy.
        leaving: One that was given up; its copies serve until those of the live one are back.
        moved: How many copies of the pending one there are to be by now.
        moved_at: When these were all in service, in seconds since the epoch; 0: they are not.
        last_number: Of the newest revision ever made.
        deployment_config: Of the last update, as it came.
    """

    scope: Scope
    name: str
    status: str
    created_at: datetime
    modified_at: datetime
    endpoint: str
    endpoint_created_at: float
    variant: str
    copies: int
    live: Revision
    copies_before: int = 0
    pending: Revision | None = None
    leaving: Revision | None = None
    moved: int = 0
    moved_at: float = 0.0
    last_number: int = 1
    failure_reason: str | None = None
    deployment_config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return arns.resource_arn(self.scope, "inference-component", self.name)

    @property
    def log_group(self) -> str:
        return f"/aws/sagemaker/InferenceComponents/{self.name}"

    @property
    def revisions(self) -> tuple[Revision, ...]:
        return tuple(each for each in (self.live, self.pending, self.leaving) if each is not None)

    def revision(self, number: int) -> Revision | None:
        """Return one of its revisions, or None."""
        return next((each for each in self.revisions if each.number == number), None)

    def document(self) -> dict[str, Any]:
        """Return what is stored as JSON beside the columns."""
        return {
            "endpoint_created_at": self.endpoint_created_at,
            "copies": self.copies,
            "copies_before": self.copies_before,
            "live": asdict(self.live),
            "pending": asdict(self.pending) if self.pending else None,
            "leaving": asdict(self.leaving) if self.leaving else None,
            "moved": self.moved,
            "moved_at": self.moved_at,
            "last_number": self.last_number,
            "failure_reason": self.failure_reason,
            "deployment_config": dict(self.deployment_config),
        }


def members_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a component that `document` holds."""
    revisions = {name: _revision_of(document[name]) for name in ("live", "pending", "leaving")}
    return {**document, **revisions}


def _revision_of(document: Mapping[str, Any] | None) -> Revision | None:
    if document is None:
        return None
    made = {"served": variant_of(document["served"]), "needs": Needs(**document["needs"])}
    return Revision(**{**document, **made})
