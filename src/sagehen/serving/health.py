"""Health of one instance: what a series of pings means, and the ping itself.

SageMaker asks GET /ping, allows 2 s for the answer, and gives a new container 4 minutes to pass
(ContainerStartupHealthCheckTimeoutInSeconds). Source:
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sagehen.serving.connection import ConnectionClosed
from sagehen.serving.replica import Replica

PING_TIMEOUT_S = 2.0
STARTUP_TIMEOUT_S = 240.0
# From memory, as the number of failures: AWS says that it pings periodically.
PING_INTERVAL_S = 5.0
# While it starts: readiness is to be noticed within a frame, not within an interval.
STARTUP_PING_INTERVAL_S = 0.03
# Of a server that an image brings: it may write a line about each.
STARTUP_PING_INTERVAL_OF_IMAGES_S = 0.25
FAILURES_UNTIL_DEAD = 3

HealthState = Literal["starting", "healthy", "dead"]


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of an instance. `since` is the clock's monotonic time of its start."""

    since: float
    startup_timeout_s: float = STARTUP_TIMEOUT_S
    state: HealthState = "starting"
    failures: int = 0
    startup_interval_s: float = STARTUP_PING_INTERVAL_S

    def after_ping(self, passed: bool, now: float) -> Health:
        """Return the health after one more ping.

        A starting instance may fail until its time is up; a healthy one three times in a row.
        """
        if self.state == "dead":
            return self
        if passed:
            return replace(self, state="healthy", failures=0)
        if self.state == "starting":
            late = now - self.since >= self.startup_timeout_s
            return replace(self, state="dead") if late else self
        failures = self.failures + 1
        state: HealthState = "dead" if failures >= FAILURES_UNTIL_DEAD else "healthy"
        return replace(self, state=state, failures=failures)

    @property
    def next_ping_s(self) -> float:
        return self.startup_interval_s if self.state == "starting" else PING_INTERVAL_S


async def ping(replica: Replica) -> bool:
    """Ask once. Anything but a 200 within two seconds is a failure."""
    try:
        response = await replica.request(b"GET", b"/ping", {}, b"", PING_TIMEOUT_S)
    except (ConnectionClosed, TimeoutError):
        return False
    return response.status == 200
