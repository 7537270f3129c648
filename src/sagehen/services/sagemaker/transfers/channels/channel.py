"""Channel: one element of InputDataConfig, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.domain.ports.storage.incoming import Piped


@dataclass(frozen=True, slots=True)
class Channel:
    """One element of InputDataConfig.

    Args:
        data_type: `S3Prefix`, `ManifestFile` or `AugmentedManifestFile`.
        distribution: `FullyReplicated` or `ShardedByS3Key`.
        input_mode: `File`, `FastFile` or `Pipe`.
        is_gzipped: Objects are gunzipped on their way (Pipe).
        wraps_records: Each object, or attribute, becomes a record of RecordIO (Pipe).
        seed: Of the order of objects, of ShuffleConfig.
        attributes: AttributeNames, in their order.
        groups: InstanceGroupNames; empty are all instances.
    """

    name: str
    uri: str
    data_type: str
    distribution: str
    input_mode: str
    content_type: str | None = None
    is_gzipped: bool = False
    wraps_records: bool = False
    seed: int | None = None
    attributes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def is_pipe(self) -> bool:
        return self.input_mode == "Pipe"

    @property
    def is_view(self) -> bool:
        """Whether it is FastFile, which nobody may write to."""
        return self.input_mode == "FastFile"

    @property
    def is_sharded(self) -> bool:
        return self.distribution == "ShardedByS3Key"

    def piped(self, place: int, of: int) -> Piped:
        """Return what one of its hosts gets through pipes.

        Args:
            place, of: Which of how many hosts that get it.
        """
        mine, shares = (place, of) if self.is_sharded else (0, 1)
        has_lines = self.data_type == "AugmentedManifestFile"
        return Piped(
            self.name, self.uri, has_lines, self.is_gzipped, self.wraps_records, self.seed, self.attributes,
            mine, shares,
        )  # fmt: skip

    def hosts(self, hosts: Sequence[str], group_of: dict[str, str]) -> list[str]:
        """Return which of a job's hosts get it, in their order.

        Args:
            group_of: Host to the name of its instance group.
        """
        return [host for host in hosts if not self.groups or group_of[host] in self.groups]

    def config(self) -> dict[str, str]:
        """Return its entry of inputdataconfig.json."""
        entry = {
            # Documented (How SageMaker provides training information): FastFile is "File" here, too.
            "TrainingInputMode": "Pipe" if self.is_pipe else "File",
            "S3DistributionType": self.distribution,
            "RecordWrapperType": "RecordIO" if self.wraps_records else "None",
        }
        if self.content_type:
            entry["ContentType"] = self.content_type
        return entry
