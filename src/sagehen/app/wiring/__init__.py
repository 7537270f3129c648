"""Every service of the platform, built and connected.

A file per service says what it needs of the ground and of services built before it. `rooms.py` has
their order, `circles.py` what a service needs of a later one. Nothing starts here: effects begin with
`Rooms.components`. A new service is a file here, a line in `Rooms` and a line in `build`.
"""
