"""Built-in algorithms: what an image does that is given no script; in an environment that has them."""

from __future__ import annotations

from sagehen.trainingtoolkit.environment import TrainingEnvironment


def run(environment: TrainingEnvironment, framework: str) -> bool:
    """Run the algorithm of an image; False: it is none.

    Args:
        framework: As the catalogue names it: `xgboost`, `kmeans`, ...

    Raises:
        ToolkitError: The job's settings or data cannot be used.
    """
    if framework == "xgboost":
        from sagehen.trainingtoolkit.algorithms.xgboost import training as xgboost

        xgboost.run(environment)
        return True
    from sagehen.trainingtoolkit.algorithms.tabular import models

    if framework not in models.NAMES:
        return False
    from sagehen.trainingtoolkit.algorithms.tabular import training as tabular

    tabular.run(environment, framework)
    return True
