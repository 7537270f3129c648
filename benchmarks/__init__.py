"""Measurements behind the README's figures: `make benchmarks`, or `python -m benchmarks invoke s3`.

Each module measures one thing and has `measure(say) -> Table`. Every comparison is made with the
peer in the same run, round by round in turn, so that a busy machine slows both; the ratio of the
medians is what to quote. Nothing here is imported by the platform.
"""
