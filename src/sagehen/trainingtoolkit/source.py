"""The source: brought to /opt/ml/code from where the client says it is, as AWS's toolkit does.

An archive in S3 is there already: the platform has unpacked it. Under EnableNetworkIsolation SDKs bring
the code as a channel and name a file or folder of it.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError


def bring(environment: TrainingEnvironment) -> Path:
    """Fill the code folder, and return it. One that is not empty is left as it is.

    Raises:
        ToolkitError: There is no such file or folder, or the archive cannot be used.
    """
    target, named = environment.code_dir, environment.module_dir
    target.mkdir(parents=True, exist_ok=True)
    source = environment.path_of(named)
    if named.startswith("s3://") or source.absolute() == target.absolute() or any(target.iterdir()):
        return target
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)
    elif not source.is_file():
        raise ToolkitError(f"The source {named} (sagemaker_submit_directory) is not there.")
    elif tarfile.is_tarfile(source):
        try:
            with tarfile.open(source) as archive:
                # Debian 12's Python has no filters; here nothing lies but what is the job's own.
                archive.extraction_filter = getattr(tarfile, "data_filter", None)
                archive.extractall(target)
        except (tarfile.TarError, OSError) as error:
            raise ToolkitError(f"The source {named} cannot be unpacked: {error}") from error
    else:
        shutil.copy2(source, target)
    return target
