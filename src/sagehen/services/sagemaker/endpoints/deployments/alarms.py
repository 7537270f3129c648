"""Whether alarms end a deployment. Pure.

Source: SageMaker Developer Guide, "Auto-rollback configuration and monitoring": an alarm that trips while a
deployment is monitored rolls it back, whichever fleet made it trip; so one that is in ALARM already when the
deployment begins does, too. The wording of the reasons is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.api.errors import ValidationException


@dataclass(frozen=True, slots=True)
class Observation:
    """What is seen of a deployment's alarms.

    Attributes:
        states: Name -> state, of those that exist.
        tripped: Those that were in ALARM since the deployment began, whatever they are now.
        refusal: Why they cannot be seen; '' where they can.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    tripped: frozenset[str] = frozenset()
    refusal: str = ""


def alarm_names(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the alarms that a DeploymentConfig names.

    Raises:
        ValidationException: One has no name.
    """
    alarms: Sequence[Mapping[str, Any]] = (config.get("AutoRollbackConfiguration") or {}).get("Alarms") or ()
    names = tuple(alarm.get("AlarmName") for alarm in alarms)
    if not all(names):
        raise ValidationException("AlarmName must be specified for each alarm of AutoRollbackConfiguration.")
    return tuple(dict.fromkeys(str(name) for name in names))


def rollback_reason(config: Mapping[str, Any], seen: Observation) -> str | None:
    """Return why a deployment is to be rolled back, or None while nothing speaks against it.

    An alarm that cannot be seen cannot vouch for a deployment: without the right, or once the alarm is
    deleted, the deployment is not trusted either.
    """
    names = alarm_names(config)
    if not names:
        return None
    tripped = [name for name in names if name in seen.tripped or seen.states.get(name) == "ALARM"]
    if tripped:
        listed = ", ".join(tripped)
        return f"The deployment was rolled back: CloudWatch alarms were in ALARM state: {listed}."
    if seen.refusal:
        return f"The deployment was rolled back: its CloudWatch alarms could not be described: {seen.refusal}"
    missing = [name for name in names if name not in seen.states]
    if missing:
        return f"The deployment was rolled back: CloudWatch alarms do not exist: {', '.join(missing)}."
    return None
