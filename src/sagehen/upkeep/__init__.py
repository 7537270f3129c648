"""Things that are kept as their records say: a loop for each that has something to do.

Knows neither AWS nor machines: a service says what a pass over one of its things is, and what a run does.
"""
