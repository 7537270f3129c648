"""Telemetry: what extensions hear of their function: platform events, its lines, and their own.

`subscription.py` reads what one asks for, `shapes.py` is how its API spells events, `buffer.py` holds what is
on its way, `delivery.py` brings it into the sandbox, `streams.py` is all of it for one life of a runtime.
Sources: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html and runtimes-logs-api.html.
"""
