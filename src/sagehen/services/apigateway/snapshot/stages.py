"""A stage as requests meet it, and the account settings that it is served under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sagehen.services.apigateway.snapshot.apis import ApiSnapshot
from sagehen.services.apigateway.snapshot.plans import Throttle

LoggingLevel = Literal["OFF", "ERROR", "INFO"]


def method_key(key: str) -> str:
    """Return `/pets/GET` for AWS's spellings of it: `~1pets/GET`, `pets/GET`."""
    # `~1` first: `~01` is `~1`, by RFC 6901.
    path, _, verb = key.rpartition("/")
    path = path.replace("~1", "/").replace("~0", "~")
    return f"{path if path.startswith('/') else '/' + path}/{verb}"


@dataclass(frozen=True, slots=True)
class MethodSettings:
    """Settings of a stage's methods. `None` in the throttle: the account's limit alone."""

    logging_level: LoggingLevel = "OFF"
    data_trace: bool = False
    metrics: bool = False
    throttle: Throttle = field(default_factory=Throttle)


@dataclass(frozen=True, slots=True)
class AccessLog:
    """`destination_arn`: a log group's ARN; `format`: a line with `$context...` variables."""

    destination_arn: str
    format: str


@dataclass(frozen=True, slots=True, eq=False)
class Canary:
    """A second deployment that takes `percent_traffic` (0 to 100) of the stage's requests."""

    api: ApiSnapshot
    percent_traffic: float
    stage_variable_overrides: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class StageView:
    """One stage as requests meet it. A new object after every change to the stage.

    Args:
        api: What its deployment froze.
        method_settings: `PATH/VERB` as AWS spells the keys, with `~1` decoded (`/pets/GET`) -> settings
            already merged over `*/*`. Ask `settings_for`.
    """

    api: ApiSnapshot
    name: str
    variables: Mapping[str, str]
    canary: Canary | None
    default_settings: MethodSettings
    method_settings: Mapping[str, MethodSettings]
    access_log: AccessLog | None
    tags: Mapping[str, str]

    def settings_for(self, resource_path: str, http_method: str) -> MethodSettings:
        """Return the settings of a method (`/pets/{id}`, `GET`; the resource's own method may be ANY)."""
        return self.method_settings.get(f"{resource_path}/{http_method}", self.default_settings)


@dataclass(frozen=True, slots=True)
class AccountView:
    """Account settings of a region. `cloudwatch_role_arn` None: no execution logs are written."""

    cloudwatch_role_arn: str | None
    throttle: Throttle
