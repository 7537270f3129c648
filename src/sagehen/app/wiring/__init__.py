"""Every service of the platform, built and connected.

`plan.py` has the rooms: what each needs, and how to tell that a platform starts with it. A file per room
builds its services, `core.py` those that each platform has. `loading.py` builds them, when it starts or
when they are first called; `circles.py` tells a service of later ones, `late.py` and `late_doors.py` stand
for what may not be there yet. A new service is a file here, with lines in the plan, `Rooms`, the circles.
"""
