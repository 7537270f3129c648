"""What a dashboard's body must be. Pure.

Source: CloudWatch API reference, Dashboard body structure and syntax. Messages that are recorded
(aws-eda-slurm-cluster 116 on GitHub) say so; the others are from memory, in their manner.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json

# Documented: CloudWatch User Guide, Service quotas.
MOST_WIDGETS = 500
_TYPES = ("alarm", "custom", "explorer", "log", "metric", "text")
_GRID_WIDTH, _MOST_HEIGHT = 24, 1000
Message = dict[str, str]


def faults_of(body: str) -> list[Message]:
    """Return what is wrong with a body; nothing where it may be kept.

    Widgets need a type and properties; a metric widget what it draws, and its region; a text widget its
    Markdown. What AWS only warns of (metrics that do not exist, members that it does not know) is not
    looked at.
    """
    try:
        document = read_json(body)
    except NotJson:
        return [_fault("", "The field DashboardBody must be a valid JSON object")]
    if not isinstance(document, dict):
        return [_fault("", "The field DashboardBody must be a valid JSON object")]
    widgets = document.get("widgets")
    if widgets is None:
        return [_fault("", "Should have required property 'widgets'")]
    if not isinstance(widgets, list):
        return [_fault("/widgets", "Should be array")]
    if len(widgets) > MOST_WIDGETS:
        return [_fault("/widgets", f"Should NOT have more than {MOST_WIDGETS} items")]
    return [fault for index, widget in enumerate(widgets) for fault in _widget(f"/widgets/{index}", widget)]


def _widget(path: str, widget: Any) -> Iterator[Message]:
    if not isinstance(widget, dict):
        yield _fault(path, "Should be object")
        return
    kind, properties = widget.get("type"), widget.get("properties")
    if kind is None:
        yield _fault(path, "Should have required property 'type'")
    elif kind not in _TYPES:
        yield _fault(f"{path}/type", f"Should be equal to one of the allowed values: {', '.join(_TYPES)}")
    for name, least, most in (
        ("x", 0, _GRID_WIDTH - 1),
        ("y", 0, None),
        ("width", 1, _GRID_WIDTH),
        ("height", 1, _MOST_HEIGHT),
    ):
        value = widget.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            yield _fault(f"{path}/{name}", "Should be integer")
        elif value < least:
            yield _fault(f"{path}/{name}", f"Should be >= {least}")
        elif most is not None and value > most:
            yield _fault(f"{path}/{name}", f"Should be <= {most}")
    if properties is None:
        yield _fault(path, "Should have required property 'properties'")
    elif not isinstance(properties, dict):
        yield _fault(f"{path}/properties", "Should be object")
    elif kind == "metric":
        yield from _metric(f"{path}/properties", properties)
    elif kind in _NEEDED and _NEEDED[kind] not in properties:
        yield _fault(f"{path}/properties", f"Should have required property '{_NEEDED[kind]}'")


_NEEDED = {"text": "markdown", "log": "query", "alarm": "alarms", "custom": "endpoint"}


def _metric(path: str, properties: dict[str, Any]) -> Iterator[Message]:
    metrics, annotations = properties.get("metrics"), properties.get("annotations")
    alarms = annotations.get("alarms") if isinstance(annotations, dict) else None
    if metrics is not None and not isinstance(metrics, list):
        yield _fault(f"{path}/metrics", "Should be array")
    if (metrics and properties.get("region")) or alarms:
        return
    # Recorded: all that is missing, in this order.
    if metrics is None:
        yield _fault(path, "Should have required property 'metrics'")
    yield _fault(
        path, "The metric widget should have specified a region and a data source or an alarm annotation"
    )
    if annotations is None and metrics is None:
        yield _fault(path, "Should have required property 'annotations'")


def _fault(path: str, message: str) -> Message:
    return {"DataPath": path, "Message": message}
