"""Where things are in a notebook instance's machine."""

from __future__ import annotations

# Documented: SageMaker Developer Guide, notebook instances: the user, the folder that stays, its metadata.
USER = "ec2-user"
HOME = "/home/ec2-user"
VOLUME = f"{HOME}/SageMaker"
METADATA = "/opt/ml/metadata"
# From memory, of AWS's Linux images; lifecycle scripts have it written into them.
CONDA = f"{HOME}/anaconda3"
LIFECYCLE = f"{HOME}/.local/lifecycle"
ENVIRONMENTS = f"{CONDA}/envs"
# The platform's own, read-only; jobs have theirs beside it (`instances.environment`).
START = "/opt/sagehen/notebook"
INSIDE = "/opt/sagehen/notebook-inside"
PORT = 8888
