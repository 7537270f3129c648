"""The HTTP front door: one port, one readable chain of steps, one file per step.

`front_door` opens the sockets, `connection` speaks HTTP on one of them, `chain` is the ordered list
of what happens to a request. No service's logic lives here, and no wire format: that is `sagehen.protocol`.
"""
