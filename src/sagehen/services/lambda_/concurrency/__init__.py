"""Concurrency: who may run how often at the same time, and the environments that wait for a qualifier.

Decisions (`counting`) are pure. What runs on demand is in `invocations`.
"""
