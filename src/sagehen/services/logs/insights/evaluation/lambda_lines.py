"""Fields that are discovered in functions' lines.

Documented: CloudWatch Logs User Guide, "Supported logs and discovered fields". Numbers come as Java writes
them, sizes in bytes of 1,000,000 to the MB: `@memorySize` of 128 MB is `1.28E8` (recorded).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sagehen.services.logs.insights.evaluation.values import ReportNumber, Value

NAMES = frozenset(
    (
        *("@type", "@requestId", "@duration", "@billedDuration", "@memorySize", "@maxMemoryUsed"),
        *("@initDuration", "@xrayTraceId", "@xraySegmentId"),
    )
)
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_KINDS = ("REPORT ", "START ", "END ", "INIT_START ", "INIT_REPORT ")
_REQUEST = re.compile(rf"RequestId: ({_UUID})")
# Runtimes put the request's id into the second or third column of what the function logs.
_COLUMN = re.compile(rf"(?:[^\t\n]{{0,100}}\t){{1,2}}({_UUID})\t")
_PART = re.compile(
    r"(Init Duration|Billed Duration|Max Memory Used|Memory Size|Duration):"
    r" ([0-9]{1,12}(?:\.[0-9]{1,6})?) (?:ms|MB)"
)
_XRAY = re.compile(r"XRAY TraceId: (\S{1,100})\tSegmentId: (\S{1,100})")
_FIELDS = {
    "Duration": ("@duration", 1),
    "Billed Duration": ("@billedDuration", 1),
    "Init Duration": ("@initDuration", 1),
    "Memory Size": ("@memorySize", 1_000_000),
    "Max Memory Used": ("@maxMemoryUsed", 1_000_000),
}
# A report is some 300 characters.
_READ_CHARACTERS = 2000


def lambda_type(message: str) -> str | None:
    """Return the `@type` of a line, which most queries ask for first."""
    return message[: message.index(" ")] if message.startswith(_KINDS) else None


def lambda_fields(message: str) -> Mapping[str, Value]:
    """Return what is discovered in a line."""
    head = message[:_READ_CHARACTERS]
    kind = lambda_type(head)
    if kind is None:
        found = _COLUMN.match(head)
        return {"@requestId": found[1]} if found else {}
    fields: dict[str, Value] = {"@type": kind}
    if found := _REQUEST.search(head):
        fields["@requestId"] = found[1]
    if kind in ("REPORT", "INIT_REPORT"):
        for label, amount in _PART.findall(head):
            name, factor = _FIELDS[label]
            fields.setdefault(name, ReportNumber(float(amount) * factor))
        if traced := _XRAY.search(head):
            fields["@xrayTraceId"], fields["@xraySegmentId"] = traced[1], traced[2]
    return fields
