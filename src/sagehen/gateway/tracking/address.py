"""Which requests are for tracking servers.

any host, with the header x-mlflow-sm-tracking-server-arn      clients: the plug-in adds it
{label}.{region}.experiments.sagemaker.aws/…                   its page, through the proxy door
{label}.experiments.{region}.localhost[:port]/…                its page, or .localhost.localstack.cloud
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.identification.host_names import tracking_labels

# Recorded: sagemaker_mlflow 0.5.0, mlflow_sagemaker_request_header_provider.py.
_HEADER = "x-mlflow-sm-tracking-server-arn"
# Documented: the longest ARN of one.
_LONGEST_ARN = 2048


@dataclass(frozen=True, slots=True)
class TrackingCall:
    """Where a request to a tracking server points.

    Args:
        arn: As a client says; '' of a browser's.
        region, label: As the host name of its page tells; '' of a client's.
    """

    arn: str = ""
    region: str = ""
    label: str = ""


def recognize(incoming: Incoming) -> TrackingCall | None:
    """Return where the request points, or None for everything that is no request to a tracking server."""
    labels = tracking_labels(incoming.host_name)
    if labels is not None and labels[0]:
        return TrackingCall(label=labels[0], region=labels[1])
    arn = incoming.headers.get(_HEADER, "")
    if labels is not None or (arn and incoming.path.startswith("/api/")):
        return TrackingCall(arn=arn[:_LONGEST_ARN])
    return None
