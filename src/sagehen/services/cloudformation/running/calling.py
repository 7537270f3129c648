"""Calling: one operation of a step, as whoever the stack acts for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.api.streams import AnswerTooLong, whole_answer
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.ports.calls.shapes import NoSuchMember, Shapes
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.requests import request_of
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step

_log = logging.getLogger(__name__)
# As large as an API's definition may be, the largest that is read (from memory).
_LONGEST_DOCUMENT = 6 * 1024 * 1024


class StepFailed(Exception):
    """An operation was refused or failed; the message is its own.

    Args:
        code: AWS's error code; '' where none was answered.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and where."""

    principal: Principal
    scope: Scope


class Calling:
    """Calls operations.

    Args:
        calls: The platform's.
        shapes: Of their requests.
    """

    def __init__(self, calls: OperationCalls, shapes: Shapes) -> None:
        self._calls = calls
        self._shapes = shapes

    async def call(self, actor: Actor, kind: ResourceType, step: Step, known: Known) -> Mapping[str, Any]:
        """Call a step's operation.

        Raises:
            StepFailed
        """
        service = step.get("service", kind.service)
        request = self._request(kind, step, known)
        try:
            answer = await self._calls.call(actor.principal, actor.scope, service, step["call"], request)
            return await _with_text(answer, step["text"]) if "text" in step else answer
        except StepFailed:
            raise
        except ServiceError as error:
            if error.code in step.get("ignored", ()):
                return {}
            raise StepFailed(
                f"{error.message} (Service: {service}, Code: {error.code})", error.code
            ) from None
        except AccessDenied as error:
            raise StepFailed(
                f"{error.message} (Service: {service}, Code: AccessDenied)", "AccessDenied"
            ) from None
        except Exception:
            # A defect of ours in some operation fails its resource, not the whole stack without a word.
            _log.exception("%s %s for a stack's resource", service, step["call"])
            raise StepFailed(f"Internal Failure (Service: {service})", "InternalFailure") from None

    def _request(self, kind: ResourceType, step: Step, known: Known) -> Mapping[str, Any]:
        """Return a step's request. StepFailed where the properties are not what their type has."""
        try:
            values = request_of(kind, step, known)
            return self._shapes.shaped(step.get("service", kind.service), step["call"], values)
        except NoSuchMember as error:
            raise StepFailed(f"Encountered unsupported property {error}") from None
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            # A conversion's: what stands in a template may have any form.
            raise StepFailed(f"Properties validation failed: {error}") from None


def says_gone(kind: ResourceType, error: StepFailed) -> bool:
    """Tell whether an error says that there is no such resource."""
    # SageMaker's ValidationException is also another one's: what is not there is told in its words.
    if error.code == "ValidationException":
        return error.code in kind.gone and "could not find" in str(error).lower()
    return error.code in kind.gone


async def _with_text(answer: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    """Return an answer whose member, a document, is read. StepFailed: it is too long, or no text."""
    try:
        return {**answer, member: (await whole_answer(answer[member], _LONGEST_DOCUMENT)).decode()}
    except AnswerTooLong:
        raise StepFailed(f"The document is longer than {_LONGEST_DOCUMENT} bytes.") from None
    except UnicodeDecodeError:
        raise StepFailed("The document is not UTF-8.") from None
