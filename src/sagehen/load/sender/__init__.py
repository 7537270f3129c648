"""The process that sends: one event loop, a pool of connections, a timer. Started by `python -m`."""
