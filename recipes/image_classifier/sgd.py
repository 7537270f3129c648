"""Stochastic gradient descent with Nesterov momentum, and the one-cycle learning rate.

Twenty lines instead of torch.optim: making one of its optimisers imports torch's compiler, which
takes about a second, longer than many a small job's whole training.
"""

from __future__ import annotations

import torch
from torch import Tensor

_WARM_UP = 0.15  # share of the steps in which the rate rises


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Return the learning rate of a step: up to the peak in a line, then down to zero.

    Example: of 100 steps with peak 0.1, step 15 has 0.1 and step 57 has 0.05.
    """
    share = step / steps
    if share < _WARM_UP:
        return peak * max(share / _WARM_UP, 0.02)
    return peak * (1 - share) / (1 - _WARM_UP)


class SGD:
    def __init__(
        self, parameters: list[torch.nn.Parameter], weight_decay: float, momentum: float = 0.9
    ) -> None:
        self._parameters = parameters
        self._momentum = momentum
        # Biases and norms are few and small: decaying them only harms.
        self._decays = [weight_decay if parameter.ndim > 1 else 0.0 for parameter in parameters]
        self.velocities: list[Tensor] = [torch.zeros_like(parameter) for parameter in parameters]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move the parameters by one step and forget their gradients."""
        for parameter, decay, velocity in zip(self._parameters, self._decays, self.velocities, strict=True):
            assert parameter.grad is not None
            gradient = parameter.grad.add(parameter, alpha=decay)
            velocity.mul_(self._momentum).add_(gradient)
            parameter.sub_(gradient.add_(velocity, alpha=self._momentum), alpha=learning_rate)
            parameter.grad = None
