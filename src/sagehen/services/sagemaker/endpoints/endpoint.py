"""Endpoint: what is desired of one endpoint, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoint_configs.components import InstanceScaling
from sagehen.services.sagemaker.resources import arns


@dataclass(frozen=True, slots=True)
class Serverless:
    """ServerlessConfig of a variant.

    Args:
        memory_mb: Of each environment.
        most: MaxConcurrency.
        provisioned: ProvisionedConcurrency.
    """

    memory_mb: int
    most: int
    provisioned: int = 0

    def described(self) -> dict[str, int]:
        """Return it as AWS's member."""
        config = {"MemorySizeInMB": self.memory_mb, "MaxConcurrency": self.most}
        return config | ({"ProvisionedConcurrency": self.provisioned} if self.provisioned else {})


@dataclass(frozen=True, slots=True)
class Container:
    """One of a model's several containers; see EndpointVariant for its members."""

    hostname: str
    image: str
    model_data: str | None = None
    model_layout: str = "archive"
    environment: Mapping[str, str] = field(default_factory=dict)
    resolved_image: str = ""


@dataclass(frozen=True, slots=True)
class EndpointVariant:
    """One production variant as deployed: a snapshot, so that a deleted model or configuration does
    not pull the ground from under a running endpoint.

    Args:
        desired_count: Instances.
        weight: Its share of the traffic is weight / sum of weights.
        model_data: The S3 URI of its model data, or None.
        model_layout: What lies there: `archive`, `object` or `prefix`.
        startup_timeout_s: ContainerStartupHealthCheckTimeoutInSeconds.
        download_timeout_s: ModelDataDownloadTimeoutInSeconds.
        routing_config: RoutingConfig as it came; empty where there was none.
        in_vpc: Whether it has a VpcConfig: then it reaches AWS's services, and no other host.
        multi_model: Whether it serves all models below `model_data`, which is a prefix then.
        serverless: Its environments come and go with requests: `instance_type` is their size then, and how
            many there are stands in no record (`serverless.py`).
        containers: All of its model's, where there are several; what stands here of one is the first's.
        is_direct: Whether a request asks one of these; else it goes through all of them in their order.
        hostname: Of the one container that `each` tells of; empty where there is no other.
        caches_models: Whether these stay in memory once they have answered.
        resolved_image: The image by its digest, where this platform's registry has it: new instances run what
            the first ones run (documented: DeployedImage).
        concurrency: Of an asynchronous endpoint, requests at one instance at a time; 0: it is none.
        shadow: Whether it gets copies of requests, and nobody its answers.
        instance_scaling: Of one that hosts components: how its instances come and go with their copies. None:
            there are `desired_count`.
    """

    name: str
    model_name: str
    instance_type: str
    desired_count: int
    weight: float
    image: str
    role_arn: str
    model_data: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    network_isolation: bool = False
    startup_timeout_s: float = 240.0
    download_timeout_s: float = 3600.0
    routing_config: Mapping[str, Any] = field(default_factory=dict)
    model_layout: str = "archive"
    in_vpc: bool = False
    multi_model: bool = False
    caches_models: bool = True
    resolved_image: str = ""
    serverless: Serverless | None = None
    concurrency: int = 0
    shadow: bool = False
    containers: tuple[Container, ...] = ()
    is_direct: bool = False
    hostname: str = ""
    instance_scaling: InstanceScaling | None = None

    @property
    def is_host(self) -> bool:
        """Whether it has no model: its instances are places for copies of inference components."""
        return not self.model_name

    def each(self) -> list[EndpointVariant]:
        """Return the variant as each of its containers serves it."""
        if self.is_host:
            return []
        if not self.containers:
            return [self]
        members = ("hostname", "image", "model_data", "model_layout", "environment", "resolved_image")
        return [
            replace(self, containers=(), **{name: getattr(one, name) for name in members})
            for one in self.containers
        ]


@dataclass(frozen=True, slots=True)
class Deployment:
    """One endpoint configuration, deployed. `generation` counts an endpoint's deployments from 1.

    Args:
        data_capture: DataCaptureConfig as it came; empty where there was none.
        asynchronous: AsyncInferenceConfig likewise.
    """

    generation: int
    config_name: str
    created_at: float
    variants: tuple[EndpointVariant, ...]
    data_capture: Mapping[str, Any] = field(default_factory=dict)
    asynchronous: Mapping[str, Any] = field(default_factory=dict)

    def variant(self, name: str) -> EndpointVariant | None:
        """Return a variant by its very name, or None."""
        return next((variant for variant in self.variants if variant.name == name), None)

    @property
    def hosts_components(self) -> bool:
        """Whether inference components are what it serves."""
        return any(variant.is_host for variant in self.variants)

    @property
    def production(self) -> tuple[EndpointVariant, ...]:
        """Those that answer."""
        return tuple(variant for variant in self.variants if not variant.shadow)

    @property
    def shadows(self) -> tuple[EndpointVariant, ...]:
        """The others."""
        return tuple(variant for variant in self.variants if variant.shadow)

    def with_variant(self, changed: EndpointVariant) -> Deployment:
        """Return the deployment with a variant in the place of its namesake."""
        return replace(self, variants=tuple(changed if v.name == changed.name else v for v in self.variants))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint's record.

    Args:
        live: The deployment that gets traffic, or None until the first is up.
        pending: The deployment that is to replace it (blue/green), or None.
        failure_reason: Shown by DescribeEndpoint: of a failed creation, or of the last failed update.
        last_generation: Of the newest deployment ever made; a number is never used twice.
        deployment_config: DeploymentConfig of the last update, as it came.
        rollout_step: How many steps of traffic the pending deployment has taken.
        rollout_at: When it took the last, in seconds since the epoch.
        leaving: A rolling update's deployment that was given up. It keeps its share of the traffic until the
            live one has all of its instances again: they went as these came.
    """

    scope: Scope
    name: str
    status: str
    created_at: datetime
    modified_at: datetime
    live: Deployment | None = None
    pending: Deployment | None = None
    failure_reason: str | None = None
    last_generation: int = 1
    deployment_config: Mapping[str, Any] = field(default_factory=dict)
    rollout_step: int = 0
    rollout_at: float = 0.0
    leaving: Deployment | None = None

    @property
    def arn(self) -> str:
        return arns.endpoint_arn(self.scope, self.name)

    @property
    def log_group(self) -> str:
        return f"/aws/sagemaker/Endpoints/{self.name}"

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        return tuple(each for each in (self.live, self.pending, self.leaving) if each is not None)

    @property
    def shown(self) -> Deployment | None:
        """The deployment that DescribeEndpoint tells of."""
        return self.live or self.pending

    def document(self) -> dict[str, Any]:
        """Return what is stored as JSON beside the columns."""
        return {
            "live": asdict(self.live) if self.live else None,
            "pending": asdict(self.pending) if self.pending else None,
            "failure_reason": self.failure_reason,
            "last_generation": self.last_generation,
            "deployment_config": dict(self.deployment_config),
            "rollout_step": self.rollout_step,
            "rollout_at": self.rollout_at,
            "leaving": asdict(self.leaving) if self.leaving else None,
        }


def deployment_of(document: Mapping[str, Any] | None) -> Deployment | None:
    """Return a deployment from its stored form."""
    if document is None:
        return None
    variants = tuple(variant_of(variant) for variant in document["variants"])
    return Deployment(**{**document, "variants": variants})


def variant_of(document: Mapping[str, Any]) -> EndpointVariant:
    """Return a variant from its stored form."""
    serverless = document.get("serverless")
    containers = tuple(Container(**container) for container in document.get("containers", ()))
    made: dict[str, Any] = {
        "serverless": Serverless(**serverless) if serverless else None,
        "containers": containers,
    }
    scaling = document.get("instance_scaling")
    made["instance_scaling"] = InstanceScaling(**scaling) if scaling else None
    return EndpointVariant(**{**document, **made})
