"""What AWS says of the target while the run lasts: instances, scaling, concurrency."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sagehen.load.run.access import Access
from sagehen.load.target import Endpoint, Function, Target, Url

_NAMESPACE = "sagemaker"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_INVOCATIONS = "SageMakerVariantInvocationsPerInstance"


@dataclass(slots=True)
class Seen:
    """What was found out.

    Attributes:
        instances: (seconds, in service, wanted) of all variants together, or of the target's one.
        activities: Scaling activities that began meanwhile: seconds, description, cause, status.
        policies: Target tracking on invocations: variant, policy, target value.
        concurrency: (seconds, greatest concurrency in that minute), as CloudWatch has it.
        notes: What could not be found out, and why.
    """

    instances: list[tuple[float, int, int]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    policies: list[dict[str, Any]] = field(default_factory=list)
    concurrency: list[tuple[float, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class NotThere(Exception):
    """The target does not exist, or cannot be sent to; the message says why."""


class Watch(Protocol):
    """Asks AWS about one target. Blocking: called in a thread, never twice at once."""

    seen: Seen

    def begin(self) -> None:
        """Look before the first request.

        Raises:
            NotThere: There is nothing to send to.
        """

    def look(self, seconds: float) -> None:
        """Look while it runs. Args: seconds since the beginning."""

    def end(self, began: datetime) -> None:
        """Look after the last answer. Args: when the run began, in UTC."""


def watch_of(target: Target, access: Access | None) -> Watch:
    """Return what watches a target.

    Raises:
        BotoCoreError: There is no region, and the like.
    """
    if access is None or isinstance(target, Url):
        return _Nothing()
    return _Variants(target, access) if isinstance(target, Endpoint) else _Environments(target, access)


class _Nothing:
    def __init__(self) -> None:
        self.seen = Seen()

    def begin(self) -> None:
        """Nobody can be asked about a URL."""

    def look(self, seconds: float) -> None:
        """Likewise."""

    def end(self, began: datetime) -> None:
        """Likewise."""


class _Variants:
    """The instances of an endpoint, and the scaling of them."""

    def __init__(self, endpoint: Endpoint, access: Access) -> None:
        self.seen = Seen()
        self._endpoint = endpoint
        self._sagemaker = access.client("sagemaker")
        self._scaling = access.client("application-autoscaling")
        self._known: set[str] = set()
        self._scales = True

    def begin(self) -> None:
        from botocore.exceptions import ClientError

        try:
            found = self._sagemaker.describe_endpoint(EndpointName=self._endpoint.name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationException":
                raise NotThere(error.response["Error"]["Message"]) from None
            self.seen.notes.append(f"instances are not known: {_message(error)}")
            return
        # Updating and the like still serve.
        if found["EndpointStatus"] in ("Creating", "Failed", "OutOfService", "Deleting"):
            raise NotThere(f"{self._endpoint} is {found['EndpointStatus']}")
        variants = [variant["VariantName"] for variant in found.get("ProductionVariants", [])]
        if self._endpoint.variant and self._endpoint.variant not in variants:
            raise NotThere(f"{self._endpoint.name} has no variant {self._endpoint.variant}: {variants}")
        self._add(found, 0.0)
        try:
            for variant in variants:
                if self._is_watched(variant):
                    self._policies(variant)
            self._known = {activity["ActivityId"] for activity in self._activities()}
        except ClientError as error:
            self._scales = False
            self.seen.notes.append(f"scaling is not known: {_message(error)}")

    def look(self, seconds: float) -> None:
        self._add(self._sagemaker.describe_endpoint(EndpointName=self._endpoint.name), seconds)
        if not self._scales:
            return
        for activity in self._activities():
            if activity["ActivityId"] not in self._known:
                self._known.add(activity["ActivityId"])
                self.seen.activities.append(
                    {
                        "seconds": round(seconds, 1),
                        "description": activity["Description"],
                        "cause": activity["Cause"],
                        "status": activity["StatusCode"],
                    }
                )

    def end(self, began: datetime) -> None:
        """Nothing is left to be asked."""

    def _add(self, found: dict[str, Any], seconds: float) -> None:
        variants = [
            variant
            for variant in found.get("ProductionVariants", [])
            if self._is_watched(variant["VariantName"])
        ]
        # Serverless variants have neither.
        if any("CurrentInstanceCount" in variant for variant in variants):
            current = sum(variant.get("CurrentInstanceCount", 0) for variant in variants)
            desired = sum(variant.get("DesiredInstanceCount", 0) for variant in variants)
            self.seen.instances.append((round(seconds, 2), current, desired))

    def _policies(self, variant: str) -> None:
        found = self._scaling.describe_scaling_policies(
            ServiceNamespace=_NAMESPACE, ResourceId=self._resource(variant), ScalableDimension=_DIMENSION
        )
        for policy in found["ScalingPolicies"]:
            config = policy.get("TargetTrackingScalingPolicyConfiguration", {})
            metric = config.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
            if metric == _INVOCATIONS:
                self.seen.policies.append(
                    {"variant": variant, "policy": policy["PolicyName"], "target": config["TargetValue"]}
                )

    def _activities(self) -> list[dict[str, Any]]:
        """Return the newest activities of the variants that are watched, oldest first."""
        found = self._scaling.describe_scaling_activities(ServiceNamespace=_NAMESPACE, MaxResults=50)
        own = self._resource("")
        return [
            activity
            for activity in reversed(found["ScalingActivities"])
            if (resource := activity["ResourceId"]).startswith(own)
            and self._is_watched(resource.removeprefix(own))
        ]

    def _is_watched(self, variant: str) -> bool:
        return self._endpoint.variant in (None, variant)

    def _resource(self, variant: str) -> str:
        return f"endpoint/{self._endpoint.name}/variant/{variant}"


class _Environments:
    """The concurrency of a function."""

    # AWS shows a minute's values when it is over, or a little later.
    _LATE = timedelta(minutes=1)

    def __init__(self, function: Function, access: Access) -> None:
        self.seen = Seen()
        self._function = function
        self._lambda = access.client("lambda")
        self._cloudwatch = access.client("cloudwatch")

    def begin(self) -> None:
        from botocore.exceptions import ClientError

        qualifier = {"Qualifier": self._function.qualifier} if self._function.qualifier else {}
        try:
            found = self._lambda.get_function_configuration(FunctionName=self._function.name, **qualifier)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                raise NotThere(error.response["Error"]["Message"]) from None
            self.seen.notes.append(f"the function's state is not known: {_message(error)}")
            return
        if found.get("State") in ("Failed", "Pending"):
            raise NotThere(f"{self._function} is {found['State']}")

    def look(self, seconds: float) -> None:
        """CloudWatch knows a minute when it is over."""

    def end(self, began: datetime) -> None:
        from botocore.exceptions import ClientError

        try:
            found = self._cloudwatch.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName="ConcurrentExecutions",
                Dimensions=[{"Name": "FunctionName", "Value": self._function.name}],
                StartTime=began - timedelta(minutes=1),
                EndTime=datetime.now(UTC) + self._LATE,
                Period=60,
                Statistics=["Maximum"],
            )
        except ClientError as error:
            self.seen.notes.append(f"concurrency is not known: {_message(error)}")
            return
        points = sorted(found["Datapoints"], key=lambda point: point["Timestamp"])
        self.seen.concurrency = [
            (max(0.0, (point["Timestamp"] - began).total_seconds()), point["Maximum"]) for point in points
        ]


def _message(error: Any) -> str:
    return str(error.response["Error"].get("Message", "")) or str(error)
