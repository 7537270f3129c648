"""Where to look next: each strategy's way through the space. `draws` (Random, Grid, Hyperband) is pure
arithmetic.
"""
