"""`sagehen cost`: what all that is here costs at AWS's list prices, by the hour and so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagehen.cli.operator import act
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.cli.up import fail
from sagehen.executors.hardware.instance_types import lookup, prices_note

_HEAD = ("WHAT", "NAME", "TYPE", "STATE", "USD/H", "HOURS", "USD")
# The latest; of older ones describe-training-job has the billable seconds.
_MOST_JOBS = 50
_NOT_COUNTED = (
    "Not counted: traffic, requests, public addresses, storage in S3, functions; of endpoints and notebook "
    "instances, what they have cost so far."
)


@dataclass(frozen=True, slots=True)
class Cost:
    """One line. None: nobody knows, or nobody counts."""

    what: str
    name: str
    type: str
    state: str
    usd_per_hour: float | None
    hours: float | None
    usd: float | None


def show(data_folder: Path) -> None:
    """Print a table with its sum."""
    try:
        running = RunningPlatform.find(data_folder.absolute())
    except NotRunning as reason:
        fail(str(reason))
    from botocore.exceptions import BotoCoreError, ClientError

    costs = [*_machines(act(data_folder, "ec2-costs", {})["Costs"])]
    try:
        sagemaker = running.client("sagemaker")
        costs += [*_jobs(sagemaker), *_endpoints(sagemaker, running)]
        costs += _notebooks(running.notebook_instances())
    except (BotoCoreError, ClientError) as error:  # one of them has gone meanwhile, or all
        fail(f"Sagehen answers: {error}; ask again")
    if not costs:
        print("nothing is here that AWS would charge by the hour")
        return
    for line in table(costs):
        print(line)
    print(f"\n{_NOT_COUNTED}\n{prices_note()}")


def table(costs: Sequence[Cost]) -> list[str]:
    """Return the lines, with a sum of what is known."""
    rows = [_HEAD, *map(_row, costs)]
    known = [cost.usd_per_hour or 0.0 for cost in costs]
    rows.append(("", "", "", "all", f"{sum(known):.4f}", "", _usd(sum(cost.usd or 0.0 for cost in costs))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return [
        "  ".join(
            text.rjust(width) if column > 3 else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _row(cost: Cost) -> tuple[str, ...]:
    price = "?" if cost.usd_per_hour is None else f"{cost.usd_per_hour:.4f}"
    hours = "" if cost.hours is None else f"{cost.hours:.2f}"
    return cost.what, cost.name, cost.type, cost.state, price, hours, _usd(cost.usd)


def _usd(usd: float | None) -> str:
    return "" if usd is None else f"{usd:.4f}"


def _machines(found: Iterable[dict[str, Any]]) -> Iterator[Cost]:
    for each in found:
        what = "volume" if each["Id"].startswith("vol-") else "machine"
        yield Cost(
            *(what, each["Id"], each["Type"], each["State"]),
            *(each["UsdPerHour"], each["Hours"], each["Usd"]),
        )


def _jobs(sagemaker: Any) -> Iterator[Cost]:
    listed = sagemaker.list_training_jobs(MaxResults=_MOST_JOBS)["TrainingJobSummaries"]
    for summary in listed:
        yield of_job(sagemaker.describe_training_job(TrainingJobName=summary["TrainingJobName"]))


def of_job(job: dict[str, Any]) -> Cost:
    """Return what a training job costs: its billable seconds on each of its instances (documented)."""
    resources = job["ResourceConfig"]
    groups = resources.get("InstanceGroups") or [resources]
    rates = [_price(group["InstanceType"], group["InstanceCount"]) for group in groups]
    rate = None if None in rates else sum(each or 0.0 for each in rates)
    hours = job.get("BillableTimeInSeconds", 0) / 3600
    goes_on = job["TrainingJobStatus"] in ("InProgress", "Stopping")
    kinds = " + ".join(f"{group['InstanceCount']} x {group['InstanceType']}" for group in groups)
    usd = None if rate is None or "BillableTimeInSeconds" not in job else rate * hours
    now = rate if goes_on or rate is None else 0.0
    return Cost("training", job["TrainingJobName"], kinds, job["TrainingJobStatus"], now, hours, usd)


def _endpoints(sagemaker: Any, running: RunningPlatform) -> Iterator[Cost]:
    for summary in running.jobs_and_endpoints()[1]:
        endpoint = sagemaker.describe_endpoint(EndpointName=summary["EndpointName"])
        config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        types = {each["VariantName"]: each.get("InstanceType") for each in config["ProductionVariants"]}
        for variant in endpoint.get("ProductionVariants", ()):
            kind = types.get(variant["VariantName"])
            if kind is None:  # serverless: by requests
                continue
            count = variant.get("CurrentInstanceCount", 0)
            name, rate = f"{summary['EndpointName']}/{variant['VariantName']}", _price(kind, count)
            yield Cost("endpoint", name, f"{count} x {kind}", summary["EndpointStatus"], rate, None, None)


def _notebooks(found: Iterable[dict[str, Any]]) -> Iterator[Cost]:
    for each in found:
        status = each["NotebookInstanceStatus"]
        rate = _price(each["InstanceType"]) if status in ("InService", "Pending", "Updating") else 0.0
        yield Cost("notebook", each["NotebookInstanceName"], each["InstanceType"], status, rate, None, None)


def _price(instance_type: str, count: int = 1) -> float | None:
    kind = lookup(instance_type)
    return None if kind is None or kind.usd_per_hour is None else kind.usd_per_hour * count
