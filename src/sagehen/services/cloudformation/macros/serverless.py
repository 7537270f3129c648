"""AWS::Serverless: SAM, by AWS's own translator (`pip install 'sagehen[sam]'`), in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.api.bounded.turns import NoTurn, Turns
from sagehen.api.context import never
from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.own_processes import NoAnswer, answer_of
from sagehen.services.cloudformation.errors import TransformFailed
from sagehen.services.cloudformation.templates.transforms import SERVERLESS

_TRANSLATOR = Path(__file__).parent / "inside" / "sam.py"
# Its import takes 0.8 s (measured), a template of 500 resources as long; on a busy machine ten times that.
_PATIENCE_S = 120.0
# Documented: a processed template may have as many bytes as one in S3.
_MOST_BYTES = 1 << 20
# Each is a process of 70 MB and a second.
_AT_ONCE = 2


class Serverless:
    """Translates SAM templates."""

    def __init__(self) -> None:
        self._turns = Turns(_AT_ONCE)

    async def translated(
        self, account_id: str, region: str, document: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what a SAM template becomes.

        Args:
            account_id: Accounts take turns.
            parameters: Of the template, by name.

        Raises:
            TransformFailed: With the translator's words.
            NotImplementedOperation: The translator is not installed.
        """
        _require_no_repository(document)
        question = {"template": document, "parameters": parameters, "region": region}
        try:
            async with self._turns.turn(account_id, never):
                answer = await answer_of(
                    _TRANSLATOR, question, patience_s=_PATIENCE_S, most_bytes=_MOST_BYTES, packages=True
                )
        except NoTurn:
            raise TransformFailed(SERVERLESS, "Too many templates are being transformed.") from None
        except NoAnswer:
            raise TransformFailed(SERVERLESS, "The template is too complex.") from None
        if "missing" in answer:
            raise NotImplementedOperation(
                f"Transform {SERVERLESS} needs AWS's translator: pip install 'sagehen[sam]'"
            )
        if "fault" in answer:
            raise TransformFailed(SERVERLESS, answer["fault"])
        found: dict[str, Any] = answer["template"]
        return found


def _require_no_repository(document: Mapping[str, Any]) -> None:
    """Refuse applications of the Serverless Application Repository: the translator would ask AWS for them."""
    resources = document.get("Resources")
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        if not isinstance(resource, dict) or resource.get("Type") != "AWS::Serverless::Application":
            continue
        properties = resource.get("Properties")
        if not isinstance(properties, dict) or not isinstance(properties.get("Location"), str):
            raise TransformFailed(
                SERVERLESS,
                f"Resource with id [{name}] is of the Serverless Application Repository, which is not here.",
            )
