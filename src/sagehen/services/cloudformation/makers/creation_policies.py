"""Creation policies: a resource is made when enough signals have come for it. Documented: CreationPolicy."""

from __future__ import annotations

import re
from typing import Any

from sagehen.services.cloudformation.makers.contract import MakerFailed
from sagehen.services.cloudformation.makers.signals import Signals

_DURATION = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?\Z")
# From 1 to 1000: the most is ours, AWS documents none.
_COUNT = re.compile(r"(?:[1-9][0-9]{0,2}|1000)\Z")
# Documented: the default of Timeout, and its most.
_DEFAULT, _LONGEST_S = "PT5M", 43_200


def wanted_of(policy: Any) -> tuple[int, int]:
    """Return how many signals a policy waits for, and for how many seconds.

    Raises:
        MakerFailed: It is no policy that is understood here.
    """
    signal = policy.get("ResourceSignal") if isinstance(policy, dict) else None
    if not isinstance(signal, dict) or len(policy) > 1 or signal.keys() - {"Count", "Timeout"}:
        raise MakerFailed("CreationPolicy must have ResourceSignal, with Count and Timeout, and no more.")
    match = _DURATION.match(str(signal.get("Timeout", _DEFAULT)))
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    longest_s = hours * 3600 + minutes * 60 + seconds
    count = str(signal.get("Count", 1))
    if not 1 <= longest_s <= _LONGEST_S or not _COUNT.match(count):
        raise MakerFailed(
            "CreationPolicy: Timeout is a duration like PT15M, of PT12H at most, and Count a number."
        )
    return int(count), longest_s


async def wait_for_signals(signals: Signals, stack_id: str, logical_id: str, policy: Any) -> None:
    """Wait as a policy says.

    Raises:
        MakerFailed: With AWS's words, from public issues.
    """
    count, longest_s = wanted_of(policy)
    try:
        await signals.enough(stack_id, logical_id, count=count, longest_s=longest_s)
    except TimeoutError as error:
        raise MakerFailed(
            f"Failed to receive {count - error.args[0]} resource signal(s) within the specified duration"
        ) from None
    except MakerFailed as error:
        unique_id = str(error).rpartition(": ")[2]
        raise MakerFailed(f"Received FAILURE signal with UniqueId {unique_id}") from None
