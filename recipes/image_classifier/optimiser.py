"""The optimiser and its learning rate: SGD with Nesterov momentum, one cycle over the whole run."""

from __future__ import annotations

from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import OneCycleLR

_MOMENTUM = 0.9
_WARM_UP = 0.15  # share of the steps in which the rate rises


def one_cycle(
    learner: nn.Module, learning_rate: float, weight_decay: float, steps: int
) -> tuple[SGD, OneCycleLR]:
    """Return SGD over what learns in `learner`, and its rate: up in a line to the peak, then down to zero."""
    learns = [parameter for parameter in learner.parameters() if parameter.requires_grad]
    # Biases and norms are few and small: decaying them only harms.
    groups = [
        {"params": [parameter for parameter in learns if parameter.ndim > 1], "weight_decay": weight_decay},
        {"params": [parameter for parameter in learns if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = SGD(groups, lr=learning_rate, momentum=_MOMENTUM, nesterov=True, fused=True)
    schedule = OneCycleLR(
        optimiser,
        max_lr=learning_rate,
        total_steps=max(steps, 1),
        pct_start=_WARM_UP,
        anneal_strategy="linear",
        cycle_momentum=False,
    )
    return optimiser, schedule
