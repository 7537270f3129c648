"""The user's own scripts: what a captured request is made of, and what happens at the end.

Documented: Preprocessing and postprocessing. They are run in the job's own container, as everything here.
"""

from __future__ import annotations

import inspect
import logging
import runpy
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.monitoring.refusals import Refused


@dataclass
class EventData:
    """One side of a captured request, as a script sees it."""

    encoding: str | None
    data: Any
    observedContentType: str | None
    mode: str | None


@dataclass
class EventMetadata:
    """What is known of a captured request, as a script sees it."""

    event_id: str | None
    event_time: str | None
    custom_attribute: Any


class CapturedData:
    """A captured request, as a script sees it."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        captured, metadata = event.get("captureData") or {}, event.get("eventMetadata")
        self.event_dict = event
        self.event_version = event.get("eventVersion")
        self.event_metadata = None if metadata is None else _metadata(metadata)
        self.endpoint_input = _side(captured.get("endpointInput"))
        self.endpoint_output = _side(captured.get("endpointOutput"))


def preprocess(path: Path) -> Callable[[Mapping[str, Any]], Iterable[Any]]:
    """Return how a script makes records of a captured request: one, some, or none.

    Raises:
        Refused: It cannot be run. So does what is returned.
    """
    handler = _function(path, "preprocess_handler", "record_preprocessor_script")
    # A script may ask for a logger (documented).
    more = (logging.getLogger("preprocessor"),) if _takes_logger(handler) else ()

    def records(event: Mapping[str, Any]) -> Iterable[Any]:
        try:
            made = handler(CapturedData(event), *more)
        except Exception as error:
            traceback.print_exc()
            raise Refused(f"record_preprocessor_script failed: {type(error).__name__}: {error}") from None
        return made if isinstance(made, list) else [] if made is None else [made]

    return records


def postprocess(path: Path) -> None:
    """Run a script at the end.

    Raises:
        Refused: It cannot be, or failed.
    """
    handler = _function(path, "postprocess_handler", "post_analytics_processor_script")
    try:
        handler()
    except Exception as error:
        traceback.print_exc()
        raise Refused(f"post_analytics_processor_script failed: {type(error).__name__}: {error}") from None


def _function(path: Path, name: str, what: str) -> Callable[..., Any]:
    try:
        found = runpy.run_path(str(path)).get(name)
    except Exception as error:
        traceback.print_exc()
        raise Refused(f"{what} cannot be run: {type(error).__name__}: {error}") from None
    if not callable(found):
        raise Refused(f"{what} has no function {name}.")
    function: Callable[..., Any] = found
    return function


def _takes_logger(handler: Callable[..., Any]) -> bool:
    try:
        return len(inspect.signature(handler).parameters) > 1
    except (TypeError, ValueError):
        return False


def _side(given: Any) -> EventData | None:
    if not isinstance(given, Mapping):
        return None
    members = (given.get(name) for name in ("encoding", "data", "observedContentType", "mode"))
    return EventData(*members)


def _metadata(given: Mapping[str, Any]) -> EventMetadata:
    return EventMetadata(given.get("eventId"), given.get("inferenceTime"), given.get("customAttributes"))
