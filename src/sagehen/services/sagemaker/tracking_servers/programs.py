"""Programs: which Python has MLflow: one that the operator mapped, else the platform's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sagehen.api.errors import ValidationException
from sagehen.executors.base import Interpreter
from sagehen.executors.environments.environment import Environment
from sagehen.executors.environments.resolver import EnvironmentGone

# What `sagehen images use` maps, as it maps images.
NAME = "mlflow"
_LACK = (
    "MLflow is missing beside Sagehen: pip install 'sagehen[mlflow]', or map an environment that has it: "
    "sagehen images use mlflow VENV"
)


class ProgramMissing(Exception):
    """No Python has it; the message says what to do."""


class Environments(Protocol):
    """What there is of Pythons."""

    def of_operator(self, uri: str) -> Environment | None: ...
    def local(self) -> Environment: ...


@dataclass(frozen=True, slots=True)
class Program:
    """MLflow's server.

    Args:
        version: Of the `mlflow` package.
        interpreter: Of the Python that has it; None: the platform's own.
    """

    version: str
    interpreter: Interpreter | None


class Programs:
    """Finds it. Blocks now and then: it looks at a disk."""

    def __init__(self, environments: Environments) -> None:
        self._environments = environments

    def find(self) -> Program:
        """Return the one that runs tracking servers.

        Raises:
            ProgramMissing: There is none.
        """
        try:
            found = self._environments.of_operator(NAME) or self._environments.local()
        except EnvironmentGone as error:
            raise ProgramMissing(str(error)) from error
        version = found.distributions.get("mlflow")
        if version is None:
            raise ProgramMissing(_LACK)
        return Program(version, found.interpreter)

    def require(self, wanted: str) -> None:
        """Check a MlflowVersion: its first number is what clients and databases depend on.

        Raises:
            ValidationException: Another is there, or none; the words are ours.
        """
        try:
            found = self.find()
        except ProgramMissing as error:
            raise ValidationException(f"{error}.") from None
        if wanted and wanted.partition(".")[0] != found.version.partition(".")[0]:
            raise ValidationException(
                f"MlflowVersion {wanted} is not supported: MLflow {found.version} is here. Another "
                "environment is mapped with: sagehen images use mlflow VENV"
            )
