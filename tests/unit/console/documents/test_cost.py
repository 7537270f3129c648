"""What is here costs so much: worked examples of every kind of resource."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.console.documents.asking import Seen
from sagehen.console.documents.cost.cost import cost, prices
from sagehen.console.documents.cost.functions import item_of
from sagehen.console.documents.cost.hosting import serverless_item
from sagehen.console.documents.cost.item import Item, Month
from sagehen.console.documents.cost.jobs import jobs
from sagehen.console.documents.cost.training import items_of
from sagehen.console.ledger.records import Counted
from sagehen.domain.ports.compute.ec2_bills import MachineBill, VolumeBill
from sagehen.domain.scope import Scope
from sagehen.executors.hardware.instance_types import lookup
from sagehen.simulation.bill.prices import listed

from .asked import DENIED, NOW, Table

MONTH = Month.of(NOW)
HOUR = timedelta(hours=1)
ML = lookup("ml.m5.large")
assert ML is not None and ML.usd_per_hour is not None
LARGE = ML.usd_per_hour


def metric_data(request: Mapping[str, Any]) -> Mapping[str, Any]:
    results = []
    for query in request["MetricDataQueries"]:
        metric = query["MetricStat"]["Metric"]
        names = {one["Value"] for one in metric["Dimensions"]}
        values: dict[str, list[float]] = {
            "Invocations": [40.0, 2.0] if names & {"busy", "resize"} else [],
            "Duration": [8000.0] if "resize" in names else [],
            "CPUUtilization": [0.5] if "i-1" in names else [80.0],
        }
        results.append({"Id": query["Id"], "Values": values[metric["MetricName"]]})
    return {"MetricDataResults": results}


def endpoint(request: Mapping[str, Any]) -> Mapping[str, Any]:
    name = request["EndpointName"]
    return {
        "EndpointName": name,
        "EndpointConfigName": "c",
        "EndpointStatus": "Failed" if name == "failed" else "InService",
        "CreationTime": NOW - 10 * HOUR,
        "ProductionVariants": [{"VariantName": "v", "CurrentInstanceCount": 2}],
    }


JOB = {
    "TrainingJobName": "j",
    "TrainingJobStatus": "Completed",
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2},
    "TrainingStartTime": NOW - 3 * HOUR,
    "TrainingEndTime": NOW - 2 * HOUR,
    "BillableTimeInSeconds": 1800,
}
ANSWERS: dict[str, Any] = {
    "sagemaker:ListEndpoints": {
        "Endpoints": [{"EndpointName": name} for name in ("busy", "quiet", "failed")]
    },
    "sagemaker:DescribeEndpoint": endpoint,
    "sagemaker:DescribeEndpointConfig": {
        "ProductionVariants": [{"VariantName": "v", "InstanceType": "ml.m5.large"}]
    },
    "sagemaker:ListNotebookInstances": {
        "NotebookInstances": [
            {
                "NotebookInstanceName": "n",
                "InstanceType": "ml.m5.large",
                "NotebookInstanceStatus": status,
                "LastModifiedTime": NOW - HOUR,
            }
            for status in ("InService", "Stopped")
        ]
    },
    "sagemaker:ListTrainingJobs": {"TrainingJobSummaries": [{"TrainingJobName": "j"}]},
    "sagemaker:DescribeTrainingJob": JOB,
    "lambda:ListFunctions": {
        "Functions": [{"FunctionName": name, "MemorySize": 512} for name in ("resize", "never")]
    },
    "lambda:ListProvisionedConcurrencyConfigs": {"ProvisionedConcurrencyConfigs": []},
    "cloudwatch:GetMetricData": metric_data,
}


class Bills:
    """Implements `Ec2Bills`."""

    def scopes(self) -> Sequence[Scope]:
        return [Scope("123456789012", "us-east-1")]

    async def machines(self, scope: Scope) -> Sequence[MachineBill]:
        since = NOW - 2 * HOUR
        return [
            MachineBill("i-1", "m5.large", True, True, since, 0.03, 0.05),
            MachineBill("i-2", "m5.large", False, False, since, 0.0, 0.096),  # it was stopped
            MachineBill("i-3", "of.another", False, True, NOW, None, None),
            MachineBill("i-4", "m5.large", False, False, since, 0.0, 0.0),  # in another month
        ]

    async def volumes(self, scope: Scope) -> Sequence[VolumeBill]:
        return [
            VolumeBill("vol-1", "gp3", 8, True, NOW, 0.001, 0.002),
            VolumeBill("vol-2", "gp3", 8, False, NOW, 0.001, 0.004),
        ]


class Ledger:
    async def counted(self, scope: Scope) -> list[Counted]:
        return [
            Counted("endpoint", "busy", "v", "ml.m5.large", 20 * 3600, None),
            Counted("endpoint", "deleted", "v", "ml.m5.large", 7200, None),
            Counted("notebook-instance", "old", "", "ml.of.another", 60, None),
            Counted("function", "resize", "live", "GB", 1000, None),
            Counted("function", "deleted", "live", "GB", 1000, None),
            Counted("instance", "i-0", "", "m5.large", 0, 0.5),
            Counted("instance", "i-1", "", "m5.large", 0, 0.05),
            Counted("volume", "vol-0", "8 GiB gp3", "gp3", 0, 0.25),
        ]


async def test_an_endpoint_of_inference_components_is_not_called_idle() -> None:
    """These count their requests by themselves."""
    host = {"EndpointConfigName": "c", "ExecutionRoleArn": "r"}
    told = ANSWERS | {"sagemaker:DescribeEndpointConfig": ANSWERS["sagemaker:DescribeEndpointConfig"] | host}
    document = await cost(Bills(), Ledger(), Table(told), {})
    assert {one["idle"] for one in document["items"] if one["name"] == "quiet"} == {""}


async def test_all_of_it() -> None:
    document = await cost(Bills(), Ledger(), Table(ANSWERS), {})
    items = {(item["kind"], item["name"]): item for item in document["items"]}
    assert len(items) == len(document["items"]) == 15
    ended = items["endpoint", "deleted"]
    assert (ended["usdPerHour"], ended["usdThisMonth"]) == (0, pytest.approx(2 * LARGE))
    assert ended["what"] == "v: ml.m5.large, which runs no more"
    assert (items["instance", "i-0"]["usdThisMonth"], items["volume", "vol-0"]["usdThisMonth"]) == (0.5, 0.25)
    assert items["notebook-instance", "old"]["usdThisMonth"] is None
    assert items["function", "deleted"]["usdThisMonth"] == pytest.approx(1000 * 0.0000041667, abs=1e-6)
    busy, quiet = items["endpoint", "busy"], items["endpoint", "quiet"]
    assert busy["usdPerHour"] == pytest.approx(2 * LARGE) and busy["what"] == "v: 2 × ml.m5.large"
    assert busy["usdThisMonth"] == pytest.approx(20 * LARGE)
    assert (busy["idle"], quiet["idle"]) == ("", "no invocation for an hour")
    assert items["training-job", "j"]["usdPerHour"] == 0
    assert items["training-job", "j"]["usdThisMonth"] == pytest.approx(LARGE)  # two instances, half an hour
    spot = items["instance", "i-1"]
    assert (spot["what"], spot["usdPerHour"], spot["usdThisMonth"]) == ("1 × m5.large on Spot", 0.03, 0.05)
    assert items["instance", "i-2"]["usdThisMonth"] == 0.096
    assert spot["idle"] == "0.5 % of its processors in the last hour"
    assert items["instance", "i-3"]["usdPerHour"] is None and document["unpriced"] == 1
    assert ("function", "never") not in items and ("instance", "i-4") not in items
    assert (items["volume", "vol-1"]["what"], items["volume", "vol-1"]["idle"]) == ("8 GiB gp3", "")
    assert items["volume", "vol-2"]["idle"] == "attached to no machine"
    hourly = 5 * LARGE + 0.03 + 2 * 0.001
    assert document["usdPerHour"] == pytest.approx(hourly)
    left_h = (datetime(2026, 12, 1, tzinfo=UTC) - NOW).total_seconds() / 3600
    assert document["usdMonthAtThisRate"] == pytest.approx(
        document["usdThisMonth"] + hourly * left_h, abs=1e-5
    )
    assert document["usdIdlePerHour"] == pytest.approx(2 * LARGE + 0.03 + 0.001)
    assert document["hidden"] == [] and document["leftOut"] and "2026-11-01" in document["monthStart"]
    json.dumps(document)


async def test_what_may_not_be_seen() -> None:
    hidden = dict.fromkeys((*ANSWERS, "ec2:DescribeInstances", "ec2:DescribeVolumes"), DENIED)
    document = await cost(Bills(), Ledger(), Table(hidden), {})
    assert (document["items"], document["usdPerHour"]) == ([], 0)
    assert {"sagemaker:ListEndpoints", "ec2:DescribeInstances", "ec2:DescribeVolumes"} <= {
        *document["hidden"]
    }
    # Without metrics nobody is called idle.
    document = await cost(Bills(), Ledger(), Table({**ANSWERS, "cloudwatch:GetMetricData": DENIED}), {})
    assert not any(item["idle"] for item in document["items"] if item["kind"] != "volume")


def test_jobs() -> None:
    running = items_of({**JOB, "TrainingJobStatus": "InProgress"}, MONTH)
    assert running[0].usd_per_hour == 2 * LARGE and running[0].usd_this_month == pytest.approx(6 * LARGE)
    waiting = items_of({**JOB, "TrainingJobStatus": "InProgress", "TrainingStartTime": None}, MONTH)
    assert (waiting[0].usd_per_hour, waiting[0].usd_this_month) == (0.0, 0.0)
    job, pool = items_of({**JOB, "WarmPoolStatus": {"Status": "Available"}}, MONTH)
    assert (pool.kind, pool.usd_per_hour, bool(pool.idle)) == ("warm-pool", 2 * LARGE, True)
    groups = {"InstanceGroups": [{"InstanceType": "ml.m5.large", "InstanceCount": 1},
                                 {"InstanceType": "ml.of.another", "InstanceCount": 1}]}  # fmt: skip
    (mixed,) = items_of({**JOB, "ResourceConfig": groups}, MONTH)
    assert (mixed.usd_this_month, mixed.what) == (None, "1 × ml.m5.large + 1 × ml.of.another")
    assert job.usd_this_month == pytest.approx(LARGE)


async def test_processing_and_transform_jobs_cost_from_their_start_to_their_end() -> None:
    answers = {
        "sagemaker:ListProcessingJobs": {"ProcessingJobSummaries": [{"ProcessingJobName": "p"}]},
        "sagemaker:DescribeProcessingJob": {
            "ProcessingJobName": "p",
            "ProcessingJobStatus": "Completed",
            "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2}},
            "ProcessingStartTime": NOW - 3 * HOUR,
            "ProcessingEndTime": NOW - 2 * HOUR,
        },
        "sagemaker:ListTransformJobs": {"TransformJobSummaries": [{"TransformJobName": "t"}]},
        "sagemaker:DescribeTransformJob": {
            "TransformJobName": "t",
            "TransformJobStatus": "InProgress",
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            "TransformStartTime": NOW - HOUR / 2,
        },
    }
    done, running = await jobs(Seen(Table(answers)), MONTH)
    assert (done.kind, done.what, done.usd_per_hour) == ("processing-job", "2 × ml.m5.large", 0.0)
    assert done.usd_this_month == pytest.approx(2 * LARGE)
    assert (running.kind, running.usd_per_hour) == ("transform-job", LARGE)
    assert running.usd_this_month == pytest.approx(LARGE / 2)


def test_functions() -> None:
    function = {"FunctionName": "f", "MemorySize": 512}
    used = item_of(function, 1000, 200_000, 0, listed())
    assert used is not None and used.usd_this_month == pytest.approx(0.0002 + 100 * 0.0000166667)
    assert used.usd_per_hour == 0 and not used.idle
    kept = item_of(function, 0, 0, 4, listed())
    assert (
        kept is not None and kept.usd_per_hour == pytest.approx(4 * 0.5 * 3600 * 0.0000041667) and kept.idle
    )
    assert item_of(function, 0, 0, 0, listed()) is None


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (NOW, datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
def test_months(now: datetime, end: datetime) -> None:
    month = Month.of(now)
    assert month.end == end and month.hours_since(now + HOUR) == 0
    assert month.hours_since(None) == month.hours_since(now - timedelta(days=400))


async def test_prices() -> None:
    document = await prices(Table({}), {})
    assert {"name": "ml.m5.large", "vcpus": 2}.items() <= next(
        kind for kind in document["instanceTypes"] if kind["name"] == "ml.m5.large"
    ).items()
    assert document["note"] and document["lambda"]["perRequest"] == 2e-7
    assert Item("k", "n", "w", None, None).told()["usdPerHour"] is None


@pytest.mark.parametrize(
    ("config", "used", "what"),
    [
        ({"MemorySizeInMB": 2048, "MaxConcurrency": 5}, 0.008, "v: 1,000 invocations, 200.0 s, 2048 MB"),
        (
            {"MemorySizeInMB": 1024, "MaxConcurrency": 5, "ProvisionedConcurrency": 2},
            None,
            "v: 1,000 invocations, 200.0 s, 1024 MB; 2 provisioned",
        ),
    ],
)
def test_a_serverless_variant_costs_by_memory_and_duration(
    config: dict[str, int], used: float | None, what: str
) -> None:
    endpoint = {"EndpointName": "calm", "CreationTime": "2026-11-29T12:00:00Z"}
    item = serverless_item(endpoint, {"VariantName": "v", "CurrentServerlessConfig": config}, 1000, 200e6)
    assert item.what == what and item.usd_this_month == (used if used is None else pytest.approx(used))
