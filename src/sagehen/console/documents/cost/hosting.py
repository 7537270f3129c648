"""What endpoints and notebook instances cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sagehen.console.documents.asking import Seen
from sagehen.console.documents.cost.counted import Sums
from sagehen.console.documents.cost.item import Item, Month, price_of
from sagehen.console.documents.metrics import Metric, totals
from sagehen.console.documents.times import moment

# How long nothing must have come for an endpoint to be thought idle, and how old it must be for that.
IDLE_AFTER = timedelta(hours=1)
_DAY_S = 86_400
# Serverless inference, us-east-1, from memory of AWS's list: $0.00002 a second for 1,024 MB.
_USD_PER_GB_S = 0.00002
_BILLED = ("InService", "Updating", "SystemUpdating", "RollingBack")


async def endpoints(seen: Seen, month: Month, counted: Sums) -> list[Item]:
    """Return the variants of endpoints that have instances."""
    listed = await seen.all("sagemaker", "ListEndpoints", "Endpoints", MaxResults=100)
    described = await seen.each(
        "sagemaker", "DescribeEndpoint", [{"EndpointName": one["EndpointName"]} for one in listed]
    )
    running = [one for one in described if one.get("EndpointStatus") in _BILLED]
    configurations = await seen.each(
        "sagemaker",
        "DescribeEndpointConfig",
        [{"EndpointConfigName": one["EndpointConfigName"]} for one in running],
    )
    variants = [
        (endpoint, variant, _type_of(configuration, variant["VariantName"]))
        for endpoint, configuration in zip(running, configurations, strict=True)
        for variant in endpoint.get("ProductionVariants") or ()
    ]
    metrics = [
        Metric(
            "AWS/SageMaker",
            "Invocations",
            {"EndpointName": endpoint["EndpointName"], "VariantName": variant["VariantName"]},
        )
        for endpoint, variant, _ in variants
    ]
    calls = await totals(seen, metrics, month.now - IDLE_AFTER, month.now, 3600)
    hidden = "cloudwatch:GetMetricData" in seen.hidden
    # Requests to inference components are counted by these; such a configuration alone has a role.
    hosts = {one["EndpointConfigName"] for one in configurations if one.get("ExecutionRoleArn")}
    items = [
        _variant_item(
            endpoint,
            variant,
            kind,
            month,
            counted,
            None if hidden or endpoint.get("EndpointConfigName") in hosts else called or 0.0,
        )
        for (endpoint, variant, kind), called in zip(variants, calls, strict=True)
        if not variant.get("CurrentServerlessConfig")
    ]
    without = [
        (endpoint, variant) for endpoint, variant, _ in variants if variant.get("CurrentServerlessConfig")
    ]
    return items + await _serverless(seen, month, without)


async def _serverless(
    seen: Seen, month: Month, variants: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> list[Item]:
    metrics = [
        Metric(
            "AWS/SageMaker",
            name,
            {"EndpointName": endpoint["EndpointName"], "VariantName": variant["VariantName"]},
        )
        for endpoint, variant in variants
        for name in ("Invocations", "ModelLatency")
    ]
    sums = await totals(seen, metrics, month.start, month.now, _DAY_S)
    return [
        serverless_item(endpoint, variant, sums[2 * place] or 0.0, sums[2 * place + 1] or 0.0)
        for place, (endpoint, variant) in enumerate(variants)
    ]


def serverless_item(
    endpoint: Mapping[str, Any], variant: Mapping[str, Any], calls: float, busy_us: float
) -> Item:
    """Return what a serverless variant costs: by its memory and the time in which it answered. Pure.

    Worked example: 1,000 answers of 200 ms in 2,048 MB are 400 GB-seconds, $0.008. What provisioned
    concurrency costs is not known here: with it the price of an hour is None.

    Args:
        calls: Invocations this month.
        busy_us: ModelLatency of all of them, in microseconds.
    """
    config = variant["CurrentServerlessConfig"]
    seconds, provisioned = busy_us / 1e6, config.get("ProvisionedConcurrency") or 0
    used = seconds * config["MemorySizeInMB"] / 1024 * _USD_PER_GB_S
    what = (
        f"{variant['VariantName']}: {calls:,.0f} invocations, {seconds:,.1f} s, {config['MemorySizeInMB']} MB"
    )
    if provisioned:
        what += f"; {provisioned} provisioned"
    return Item(
        kind="endpoint",
        name=endpoint["EndpointName"],
        what=what,
        usd_per_hour=None if provisioned else 0.0,
        usd_this_month=None if provisioned else used,
        since=moment(endpoint["CreationTime"]),
    )


def _type_of(configuration: Mapping[str, Any], variant: str) -> str:
    for one in configuration.get("ProductionVariants") or ():
        if one["VariantName"] == variant:
            return str(one.get("InstanceType") or "")
    return ""


def _variant_item(
    endpoint: Mapping[str, Any],
    variant: Mapping[str, Any],
    kind: str,
    month: Month,
    counted: Sums,
    calls: float | None,
) -> Item:
    count, since = variant.get("CurrentInstanceCount") or 0, moment(endpoint["CreationTime"])
    price = price_of(kind, count)
    quiet = calls == 0 and count and since and month.now - since > IDLE_AFTER
    return Item(
        kind="endpoint",
        name=endpoint["EndpointName"],
        what=f"{variant['VariantName']}: {count} × {kind}",
        usd_per_hour=price,
        usd_this_month=counted.usd("endpoint", endpoint["EndpointName"], variant["VariantName"]),
        since=since,
        idle="no invocation for an hour" if quiet else "",
    )


async def notebooks(seen: Seen, counted: Sums) -> list[Item]:
    """Return the notebook instances that run; since when is what AWS tells last of their state."""
    listed = await seen.all("sagemaker", "ListNotebookInstances", "NotebookInstances", MaxResults=100)
    return [
        Item(
            kind="notebook-instance",
            name=one["NotebookInstanceName"],
            what=f"1 × {one['InstanceType']}",
            usd_per_hour=price_of(one["InstanceType"]),
            usd_this_month=counted.usd("notebook-instance", one["NotebookInstanceName"]),
            since=moment(one["LastModifiedTime"]),
        )
        for one in listed
        if one["NotebookInstanceStatus"] in ("InService", "Updating")
    ]
