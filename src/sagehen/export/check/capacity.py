"""What an export takes of AWS: instances, their quotas, and what they cost by the hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sagehen.executors.hardware.instance_types import lookup
from sagehen.export.graph.exported import Exported
from sagehen.export.graph.values import Ref, Text
from sagehen.simulation.bill.prices import listed

_ENDPOINT, _CONFIG = "AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig"
_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
_HOURS_OF_A_MONTH = 730


@dataclass(frozen=True, slots=True)
class Instances:
    """Of one variant: how many there are at first, and may be."""

    endpoint: str
    variant: str
    type: str
    first: int
    most: int

    @property
    def usd_per_hour(self) -> float | None:
        """By AWS's list price; None where it is not known."""
        found = lookup(self.type)
        return None if found is None or found.usd_per_hour is None else found.usd_per_hour * self.first


def instances(told: Exported) -> Iterator[Instances]:
    """Yield the instances of every endpoint."""
    most = {}
    configs = {node.key: node for node in told.nodes if node.type == _CONFIG}
    for node in told.nodes:
        resource = node.properties.get("ResourceId")
        if node.type == _TARGET and isinstance(resource, Text) and isinstance(resource.parts[1], Ref):
            variant = str(resource.parts[-1]).removeprefix("/variant/")
            most[resource.parts[1].key.identity, variant] = node.properties["MaxCapacity"]
    for node in told.nodes:
        config = node.properties.get("EndpointConfigName") if node.type == _ENDPOINT else None
        if not isinstance(config, Ref) or config.key not in configs:
            continue
        for name in ("ProductionVariants", "ShadowProductionVariants"):
            for variant in configs[config.key].properties.get(name, ()):
                if "InstanceType" in variant:
                    endpoint, first = node.key.identity, variant.get("InitialInstanceCount", 0)
                    limit = max(first, most.get((endpoint, variant["VariantName"]), 0))
                    yield Instances(endpoint, variant["VariantName"], variant["InstanceType"], first, limit)


def quotas(told: Exported) -> Iterator[str]:
    """Yield what the account must be allowed.

    Which quota a new account has is not published: issues tell of 0 even for ml.m5.large, and of GPU types
    that is the rule (from memory). So each is to be looked at.
    """
    wanted: dict[str, int] = {}
    for one in instances(told):
        wanted[one.type] = wanted.get(one.type, 0) + one.most
    for kind, count in wanted.items():
        found = lookup(kind)
        gpus = ", a GPU type: 0 unless it was asked for" if found is not None and found.gpus else ""
        yield f"'{kind} for endpoint usage': {count} or more{gpus}"
    if wanted:
        yield (
            "new accounts often have 0: aws service-quotas list-service-quotas --service-code sagemaker"
            " --query \"Quotas[?contains(QuotaName, 'endpoint usage') && Value > `0`].[QuotaName, Value]\""
        )
    reserved = [
        node.properties["ReservedConcurrentExecutions"]
        for node in told.nodes
        if node.properties.get("ReservedConcurrentExecutions")
    ]
    if reserved:
        yield f"Lambda's concurrent executions: {sum(reserved)} are reserved, and 100 must be left"


def costs(told: Exported) -> Iterator[str]:
    """Yield what is paid for whether anybody asks or not."""
    hourly = 0.0
    for one in instances(told):
        price = one.usd_per_hour
        hourly += price or 0.0
        what = f"endpoint {one.endpoint}, {one.variant}: {one.first} × {one.type}"
        more = f", {one.most} at most" if one.most > one.first else ""
        yield f"{what}, {'no price is known' if price is None else f'{price:.4f} USD an hour'}{more}"
    memory = {node.key: node.properties.get("MemorySize", 128) for node in told.nodes}
    for node in told.nodes:
        provisioned = (node.properties.get("ProvisionedConcurrencyConfig") or {}).get(
            "ProvisionedConcurrentExecutions"
        )
        function = node.properties.get("FunctionName")
        if provisioned and isinstance(function, Ref):
            price = listed().provisioned_per_gb_s["x86_64"] * 3600 * provisioned * memory[function.key] / 1024
            hourly += price
            name = node.key.identity
            yield f"function {name}: {provisioned} provisioned, {price:.4f} USD an hour"
    if hourly:
        yield f"together {hourly:.4f} USD an hour, {hourly * _HOURS_OF_A_MONTH:.2f} a month, at list prices"
