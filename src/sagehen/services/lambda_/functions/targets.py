"""Targets: what a function's name and qualifier lead to, ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.services.lambda_.code.store import CodeStore
from sagehen.services.lambda_.errors import function_not_found
from sagehen.services.lambda_.execution.contract import FunctionImage, FunctionVersion
from sagehen.services.lambda_.functions.aliases.records import AliasRecords
from sagehen.services.lambda_.functions.log_settings import log_controls, log_group
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.rows import VersionRecord
from sagehen.services.lambda_.names import LATEST, FunctionReference, is_version
from sagehen.services.lambda_.storage.tables import Tables


@dataclass(frozen=True, slots=True)
class Target:
    """Where an invocation may go.

    Args:
        reference: As invoked; without a qualifier it means `$LATEST`.
        routes: Each version with its share; one, unless an alias splits its traffic.
        unready: Records of versions that must be prepared before.
    """

    reference: FunctionReference
    routes: Sequence[tuple[FunctionVersion, float]]
    unready: Sequence[VersionRecord] = ()

    def route(self, draw: float) -> FunctionVersion:
        """Choose a version with a number drawn from [0, 1)."""
        # A draw per invocation, as AWS does it (documented: "Lambda aliases", weighted at random).
        for version, share in self.routes:
            if draw < share:
                return version
            draw -= share
        return self.routes[-1][0]


class Targets:
    """Resolves references; what was found is remembered until a record changes."""

    def __init__(
        self, tables: Tables, records: FunctionRecords, aliases: AliasRecords, store: CodeStore
    ) -> None:
        self._tables = tables
        self._records = records
        self._aliases = aliases
        self._store = store

    def renew(self) -> None:
        """Look at rows and files anew from here on."""
        self._tables.forget()

    def resolve(self, reference: FunctionReference) -> Target:
        """Return the target.

        Raises:
            ResourceNotFoundException: No such function, version or alias.
        """
        return self._tables.remember(("target", reference), lambda: self._read(reference))

    def versions(self, reference: FunctionReference) -> list[tuple[VersionRecord, float]]:
        """Return the version records behind a reference, with their shares.

        Raises:
            ResourceNotFoundException.
        """
        qualifier = reference.qualifier or LATEST
        if is_version(qualifier):
            return [(self._records.require_version(reference, qualifier), 1.0)]
        alias = self._aliases.get(reference)
        if alias is None:
            raise function_not_found(reference.arn)
        return [
            (self._records.require_version(reference, version), share) for version, share in alias.shares()
        ]

    def _read(self, reference: FunctionReference) -> Target:
        found = self.versions(reference)
        return Target(
            reference,
            tuple((self.function_version(record), share) for record, share in found),
            # An earlier start may have lost its files to a sweep or to a person: looked at once.
            tuple(record for record, _ in found if not record.is_ready or not self._has_files(record)),
        )

    def _has_files(self, record: VersionRecord) -> bool:
        if record.is_image:  # whoever starts it asks for them
            return True
        shas = [record.code_sha, *(layer["Sha"] for layer in record.configuration.get("Layers", ()))]
        return all(self._store.folder(sha).is_dir() for sha in shas)

    def function_version(self, record: VersionRecord) -> FunctionVersion:
        """Return the snapshot that environments start from."""
        kept = record.configuration
        return FunctionVersion(
            scope=record.reference.scope,
            function_name=record.reference.name,
            version=record.version,
            revision=record.revision,
            arn=record.reference.unqualified_arn,
            role_arn=kept["Role"],
            runtime=kept.get("Runtime", ""),
            handler=kept.get("Handler", ""),
            code_folder=self._store.folder(record.code_sha),
            layer_folders=tuple(self._store.folder(layer["Sha"]) for layer in kept.get("Layers", ())),
            environment=kept.get("Environment", {}).get("Variables", {}),
            memory_mib=kept["MemorySize"],
            timeout_s=kept["Timeout"],
            ephemeral_storage_mib=kept["EphemeralStorage"]["Size"],
            log_group=log_group(record),
            internet=not kept.get("VpcConfig"),
            image=_image(record),
            **log_controls(record),
        )


def _image(record: VersionRecord) -> FunctionImage | None:
    if not record.is_image:
        return None
    config = record.configuration.get("ImageConfig", {})
    return FunctionImage(
        record.configuration["Image"]["Resolved"],
        tuple(config.get("EntryPoint") or ()),
        tuple(config.get("Command") or ()),
        config.get("WorkingDirectory") or "",
    )
