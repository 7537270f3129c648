"""What AWS's language has and ours has not: refused by name.

Documented: CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax" and its pages.
"""

from __future__ import annotations

from sagehen.api.errors import NotImplementedOperation

_COMMANDS = frozenset(
    (
        *("addtotals", "anomaly", "diff", "expand", "filterindex", "join", "lookup", "pattern"),
        *("relevantfields", "source", "tail", "unmask", "unnest"),
    )
)
_FUNCTIONS = frozenset(
    (
        *("base64decode", "base64encode", "case", "count_over_time", "endswith", "haversine", "histogram"),
        *("if", "ipv4tonumber", "isprivateip", "ispublicip", "isreservedip", "jsonparse", "jsonstringify"),
        *("md5", "offset", "rate", "regex_replace", "round", "sha256", "split", "startswith"),
        *("sum_over_time", "todouble", "toint", "tolong", "tonumber", "urldecode", "urlencode", "values"),
    )
)


def refuse_command(name: str) -> None:
    """Refuse a command of AWS's that is not here.

    Raises:
        NotImplementedOperation
    """
    if name in _COMMANDS:
        raise NotImplementedOperation(f"StartQuery: the command {name} of Logs Insights is not implemented.")


def refuse_function(name: str) -> None:
    """Refuse a function of AWS's that is not here.

    Raises:
        NotImplementedOperation
    """
    if name in _FUNCTIONS:
        raise NotImplementedOperation(f"StartQuery: the function {name} of Logs Insights is not implemented.")
