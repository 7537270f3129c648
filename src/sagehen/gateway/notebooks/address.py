"""Which requests are for notebook instances.

{label}.notebook.{region}.sagemaker.aws/…              through the proxy door
{label}.notebook.{region}.localhost[:port]/…           or .localhost.localstack.cloud
/_aws/notebook/{region}/{label}/…                      on any host that is no name of theirs
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.identification.host_names import notebook_labels
from sagehen.services.sagemaker.notebooks.addresses import BY_PATH
from sagehen.services.sagemaker.notebooks.entrance import Place

# RFC 1035, as text.
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class NotebookCall:
    """Where a request to a notebook instance points.

    Args:
        place: Which one.
        by_name: The host name tells it, so that its pages have an origin of their own.
    """

    place: Place
    by_name: bool


def recognize(incoming: Incoming) -> NotebookCall | None:
    """Return where the request points, or None for everything that is no request to a notebook instance."""
    labels = notebook_labels(incoming.host_name)
    if labels is not None:
        label, region = labels
        return NotebookCall(Place(region, label), True)
    if incoming.path.startswith(BY_PATH):
        region, _, rest = incoming.path[len(BY_PATH) :].partition("/")
        label = rest.partition("/")[0]
        return NotebookCall(Place(region[:_LONGEST], label[:_LONGEST]), False)
    return None
