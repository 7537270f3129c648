"""Properties of a thing, by the names that filters give them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# Lists of pairs that filters take as maps (documented: Filter), the name's member and the value's.
_PAIRS = {
    "Tags": ("Tags", "Key", "Value"),
    "Metrics": ("FinalMetricDataList", "MetricName", "Value"),
}
# Maps whose keys users chose.
_OF_USERS = ("Metrics", "Parameters", "HyperParameters", "Tags")
_SUMMARY = ("Max", "Min", "Last", "Count", "Avg", "StdDev")


def canonical(name: str) -> str:
    """Return the name of a property as it is spelt here: notebooks sort by `metrics.test:accuracy.max`."""
    head, dot, rest = name.partition(".")
    head = next((each for each in _OF_USERS if each.lower() == head), head)
    if head == "Metrics":
        metric, last_dot, statistic = rest.rpartition(".")
        rest = metric + last_dot + next((each for each in _SUMMARY if each.lower() == statistic), statistic)
    return head + dot + rest


def values_at(thing: Any, name: str) -> Iterator[Any]:
    """Yield every value of a property: several where a list lies on the way, none where it is not set.

    Args:
        name: Such as `InputDataConfig.ChannelName`, `Tags.team`, `HyperParameters.learning.rate`.
    """
    name = canonical(name)
    head, _, rest = name.partition(".")
    if rest and head == "Metrics" and isinstance(thing, Mapping) and "Metrics" in thing:
        yield from _metric(thing["Metrics"] or (), rest)
    elif rest and head in _PAIRS and isinstance(thing, Mapping):
        member, key, value = _PAIRS[head]
        yield from (pair[value] for pair in thing.get(member) or () if pair[key] == rest)
    else:
        yield from _walk(thing, name)


def _walk(thing: Any, name: str) -> Iterator[Any]:
    if isinstance(thing, list | tuple):
        for each in thing:
            yield from _walk(each, name)
    elif not name:
        if isinstance(thing, Mapping):
            # A trial component's parameter holds its number or its text in a member of its own.
            thing = thing.get("NumberValue", thing.get("StringValue"))
        if thing is not None:
            yield thing
    elif isinstance(thing, Mapping):
        if name in thing:  # a map's key may hold dots
            yield from _walk(thing[name], "")
            return
        head, _, rest = name.partition(".")
        if head == "Tags" and rest:  # of a model: it stands within what is told of it
            yield from values_at(thing, name)
        elif head in thing:
            yield from _walk(thing[head], rest) if rest else _walk(thing[head], "")


def _metric(summaries: Any, name: str) -> Iterator[Any]:
    """Yield a statistic of a trial component's metric: `accuracy.Max`, or `accuracy`, which is its last."""
    metric, _, statistic = name.rpartition(".")
    if statistic not in _SUMMARY or not metric:
        metric, statistic = name, "Last"
    for summary in summaries:
        if summary["MetricName"] == metric and summary.get(statistic) is not None:
            yield summary[statistic]


def names_of(thing: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names that users chose: hyperparameters, tags, metrics (documented: GetSearchSuggestions)."""
    yield from (f"HyperParameters.{name}" for name in thing.get("HyperParameters") or ())
    yield from (f"Parameters.{name}" for name in thing.get("Parameters") or ())
    yield from (f"Tags.{tag['Key']}" for tag in thing.get("Tags") or ())
    for metric in (*(thing.get("FinalMetricDataList") or ()), *(thing.get("Metrics") or ())):
        yield f"Metrics.{metric['MetricName']}"
