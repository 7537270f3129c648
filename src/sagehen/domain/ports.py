"""What services need of one another, as small Protocols; `app` wires the implementations.

A service imports this file and never another service. Every port that touches another
service's data takes the principal for whom it acts, so that the rights of a job's role hold
inside the platform exactly as they do over the wire.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import Credentials, Principal, SigningKey
from sagehen.domain.policies import PolicyKind
from sagehen.domain.scope import Scope

# --- identity and access (implemented by services/iam and services/sts) ---------------------


class Identities(Protocol):
    """Finds whom an access key proves; the front door verifies the signature."""

    def signing_key(self, access_key_id: str) -> SigningKey | None:
        """Return the key, or None where there is none of that id. Synchronous: memory or one read."""
        ...


class Authorizer(Protocol):
    """The one evaluator of IAM policies."""

    def authorize(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> None:
        """Let `principal` do `access`, or raise.

        Args:
            principal: Who asks.
            access: What is asked.
            environment: Condition keys of the request (`aws:SourceIp`, `aws:CurrentTime`, …).

        Raises:
            AccessDenied: With AWS's wording.
        """
        ...

    def is_allowed(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool: ...


class PolicyDocuments(Protocol):
    """Evaluation of a document that belongs to no entity: what a Lambda authorizer answers."""

    def evaluate_document(
        self, document: str, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool | None:
        """Return True where the document allows `access`, False where it denies it, None where it is silent.

        Raises:
            ValueError: The document breaks the grammar of identity policies.
        """
        ...


class ResourceDocuments(Protocol):
    """The one grammar of policies, for services that keep such documents for their resources."""

    def stored(self, document: str, kind: PolicyKind) -> str:
        """Check a document and return it as it is to be stored: bound to users and roles themselves.

        The ARN of a user or role of an account that exists here becomes its unique id, so that a
        namesake made later is a stranger.

        Raises:
            PolicyFault: It breaks the grammar, or names a principal that does not exist.
        """
        ...

    def shown(self, document: str) -> str:
        """Return a stored document for an answer: ids of living users and roles are ARNs again."""
        ...


class ResourcePolicies(Protocol):
    """A service's resource policies, for the evaluator."""

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return the policy document (JSON text) that guards this resource, or None."""
        ...

    def resource_owner(self, resource_arn: str) -> str | None:
        """Return the account that owns it where the ARN does not say (S3), else None."""
        ...


# Takes a resource's ARN and returns its tags, none where there is no such resource. For the evaluator.
ResourceTags = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class RoleSession:
    """Temporary credentials of a role and the principal that they prove."""

    credentials: Credentials
    principal: Principal


class Roles(Protocol):
    """Roles as other services use them."""

    def require_pass_role(
        self,
        principal: Principal,
        role_arn: str,
        service: str,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        """Check iam:PassRole for `principal` with iam:PassedToService=`service`.

        Raises:
            AccessDenied: The principal may not pass the role, or the role is another account's.
        """
        ...

    def can_be_assumed_by(
        self,
        role_arn: str,
        service: str,
        environment: Mapping[str, ConditionValue] | None = None,
    ) -> bool:
        """Tell whether the role exists and its trust policy lets `service` assume it.

        `environment` may hold `aws:SourceArn`; `aws:SourceAccount` is the role's account unless given.
        """
        ...

    async def assume_for_service(
        self,
        role_arn: str,
        service: str,
        session_name: str,
        duration_s: int = 3600,
        environment: Mapping[str, ConditionValue] | None = None,
    ) -> RoleSession:
        """Make a session of the role on behalf of an AWS service (`environment` as above).

        Raises:
            AccessDenied: The role does not exist or does not trust the service.
        """
        ...

    def is_over(self, session: Principal) -> bool:
        """Tell whether a session's role was deleted: one of the same name made later has its own sessions."""
        ...


# --- objects (implemented by services/s3) ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class ObjectSummary:
    """One object in a listing. `size` in bytes; `etag` with its quotes."""

    key: str
    size: int
    etag: str
    last_modified: datetime


class NoSuchObject(Exception):
    """The bucket or key does not exist (or may not be known to exist). The message names it."""


class Objects(Protocol):
    """S3 as other services use it, with the rights of `principal`."""

    def list_objects(
        self, principal: Principal, bucket: str, prefix: str = ""
    ) -> AsyncIterator[ObjectSummary]:
        """Yield every object under `prefix` in key order.

        Raises:
            NoSuchObject: The bucket does not exist.
            AccessDenied: `principal` may not list it.
        """
        ...

    async def download(
        self, principal: Principal, bucket: str, key: str, to: Path, version_id: str | None = None
    ) -> ObjectSummary:
        """Write one object to a new file, made complete before it has its name (hard link or copy).

        The latest version, unless another is named.

        Raises:
            NoSuchObject, AccessDenied.
        """
        ...

    async def upload(
        self,
        principal: Principal,
        bucket: str,
        key: str,
        source: Path,
        content_type: str = "application/octet-stream",
        kms_key_id: str | None = None,
    ) -> ObjectSummary:
        """Store a file as an object. Flat memory at any size.

        Args:
            kms_key_id: Encrypts the object; None leaves that to the bucket.

        Raises:
            NoSuchObject, AccessDenied.
        """
        ...


class BucketDirectory(Protocol):
    """What the front door must know of a bucket before S3 is asked. Synchronous: memory or one read."""

    def owner(self, bucket: str) -> str | None:
        """Return the account that owns the bucket, or None where there is no such bucket."""
        ...

    def region(self, bucket: str) -> str | None:
        """Return the region that the bucket lives in."""
        ...

    def cors_rules(self, bucket: str) -> Sequence[Mapping[str, Any]] | None:
        """Return the CORS rules with the member names of S3's model (`AllowedOrigins`, …), or None."""
        ...


# --- logs and metrics (implemented by services/logs and services/cloudwatch) -----------------


class LogSink(Protocol):
    """Takes log lines from everything that runs."""

    def write(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Append (timestamp in ms since the epoch, message) pairs; groups and streams are made as needed.

        Returns at once: events become readable within 100 ms and survive `kill -9` after that.
        """
        ...

    async def flush(self) -> None:
        """Return when everything written before is stored."""
        ...


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One observation. `unit` as CloudWatch spells it (`Count`, `Microseconds`, `Percent`)."""

    name: str
    value: float
    unit: str = "None"
    dimensions: Mapping[str, str] = field(default_factory=dict)


class MetricSink(Protocol):
    """Takes AWS's own metrics; aggregated in memory per second, stored in the background."""

    def record(
        self, scope: Scope, namespace: str, values: Sequence[MetricValue], at: datetime | None = None
    ) -> None: ...


class MetricReader(Protocol):
    """Statistics of a metric, for alarms and autoscaling."""

    def statistics(
        self,
        scope: Scope,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        statistic: str,
        period_s: int,
        start: datetime,
        end: datetime,
    ) -> list[tuple[datetime, float]]:
        """Return (period start, value) pairs in time order; periods without data are absent."""
        ...


# --- calls from one service into another -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """What a Lambda function answered. `function_error` is None, `Handled` or `Unhandled`."""

    payload: bytes
    function_error: str | None
    executed_version: str
    log_tail: str = ""


class FunctionInvoker(Protocol):
    """Lambda as API Gateway, S3 notifications and alarms use it."""

    async def invoke(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
    ) -> FunctionResult:
        """Invoke synchronously with the rights of `principal` (a role session, or a service principal
        with `aws:SourceArn` and `aws:SourceAccount` in `environment`, which the function's resource
        policy must allow).

        Raises:
            AccessDenied, ServiceError (throttled, not found).
        """
        ...

    async def invoke_async(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        """Put the event on the function's durable queue."""
        ...


class MetricAlarms(Protocol):
    """CloudWatch's alarms as services that make their own use them (target tracking)."""

    async def put_metric(self, scope: Scope, settings: Mapping[str, Any]) -> str:
        """Create or update an alarm from PutMetricAlarm's members; return its ARN.

        Raises:
            ServiceError: As PutMetricAlarm.
        """
        ...

    async def delete(self, scope: Scope, names: Sequence[str]) -> None:
        """Delete those of the alarms that exist.

        Raises:
            ServiceError: A composite alarm depends on one of them.
        """
        ...


class AlarmActions(Protocol):
    """Application Auto Scaling as CloudWatch's alarms use it: a policy as an alarm's action."""

    async def alarm_action(self, scope: Scope, action_arn: str, alarm_event: Mapping[str, Any]) -> None:
        """Act on an alarm's state: on each transition, and each minute for as long as the state lasts.

        Args:
            scope: The alarm's account and region.
            action_arn: The scaling policy.
            alarm_event: The alarm's name, states and configuration, as Lambda functions get them:
                `alarmData.state.value`, `.reasonData` (JSON text with `recentDatapoints`), …

        Raises:
            ServiceError: There is no such policy, or it could not act; it goes into the alarm's history.
        """
        ...


class LogSubscribers(Protocol):
    """Functions as subscription filters of log groups know them. `scope` is the group's."""

    def accepts(self, scope: Scope, group: str, function_arn: str) -> bool:
        """Tell whether the function is there and CloudWatch Logs may invoke it for this group."""
        ...

    async def log_events(self, scope: Scope, group: str, function_arn: str, payload: bytes) -> None:
        """Put one event (AWS's JSON: `awslogs.data`) on the function's durable queue.

        Raises:
            AccessDenied, ServiceError (the function is gone).
        """
        ...


class Notifier(Protocol):
    """Takes S3's events for functions. `scope` is the bucket's account and region."""

    def accepts(self, scope: Scope, bucket: str, function_arn: str) -> bool:
        """Tell whether the function is there and S3 may invoke it for this bucket."""
        ...

    async def object_event(
        self, scope: Scope, bucket: str, function_arn: str, event: Mapping[str, Any]
    ) -> None:
        """Put one event record (AWS's JSON) on the function's durable queue.

        Raises:
            AccessDenied, ServiceError (the function is gone).
        """
        ...
