"""The asynchronous queue: events, their attempts, and where they go in the end. Durable.

Decisions (`retries`, `pace`) are pure; an attempt is an invocation like any other.
"""
