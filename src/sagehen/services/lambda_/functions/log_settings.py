"""LoggingConfig: which group a function's lines go to, in which format, and from which level on. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions.rows import VersionRecord

# Documented defaults of the JSON format; `Text` has no levels.
_LOG_LEVELS = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}


def merged_logging(current: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return LoggingConfig as it is kept: of `Text` only the group, of `JSON` the levels as well.

    What a request does not name stays, but for the levels, which end with the format that has them.

    Raises:
        InvalidParameterValueException.
    """
    wanted = {**current, **{name: value for name, value in given.items() if value}}
    if wanted.get("LogFormat") == "JSON":
        return {**_LOG_LEVELS, **wanted}
    if given.get("ApplicationLogLevel") or given.get("SystemLogLevel"):
        raise InvalidParameterValueException(
            "The log level configuration is only supported for the JSON log format."
        )
    return {"LogGroup": wanted["LogGroup"]} if wanted.get("LogGroup") else {}


def log_controls(record: VersionRecord) -> dict[str, str]:
    """Return what an environment is told of a version's logs."""
    kept = {**_LOG_LEVELS, **record.configuration["LoggingConfig"]}
    return {
        "log_format": kept.get("LogFormat", "Text"),
        "application_log_level": kept["ApplicationLogLevel"],
        "system_log_level": kept["SystemLogLevel"],
    }


def log_group(record: VersionRecord) -> str:
    """Return the group of a version's lines; `/aws/lambda/<name>` unless another one was chosen
    (documented)."""
    group: str = record.configuration["LoggingConfig"].get("LogGroup", f"/aws/lambda/{record.reference.name}")
    return group
