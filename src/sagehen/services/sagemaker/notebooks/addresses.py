"""Where notebook instances are.

https://{label}.notebook.{region}.sagemaker.aws/          who speaks to AWS's names, through the proxy door
http://{label}.notebook.{region}.localhost:4566/          browsers, which know every name under localhost
http://127.0.0.1:4566/_aws/notebook/{region}/{label}/     everybody else
"""

from __future__ import annotations

# JupyterLab's base URL is one, whichever way its door is reached: the last form's path.
BY_PATH = "/_aws/notebook/"


def base_path(region: str, label: str) -> str:
    """Return the path of a notebook instance at the platform's door; begins and ends with `/`."""
    return f"{BY_PATH}{region}/{label}/"
