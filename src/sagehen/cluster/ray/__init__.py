"""Ray: who has room, who waits, who is alive. Its library is imported in a process of its own alone.

`broker.py` is that process, a driver that makes placement groups; `client.py` speaks to it. `daemons.py` has
Ray's own processes on a machine, `commands.py` says how they are started. It comes with
`pip install 'sagehen[cluster]'`.
"""
