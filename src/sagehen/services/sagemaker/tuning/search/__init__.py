"""Where to look next: each strategy's way through the space.

`draws` (Random, Grid, Hyperband) and `halton` (the first points of Bayesian) are arithmetic. `model` is a
process of its own: Optuna with PyTorch would take 0.3 GB and seconds of the platform; `asking` is the
platform's side of it, and `questions` what goes between them. `strategies` chooses.
"""
