"""Every service of the platform, built and connected.

`plan.py` has the rooms: what each needs, and how to tell that a platform starts with it. `services/` has a
file per room that builds its services. `loading.py` calls them, when it starts or when a service is first
called; `circles.py` tells a service of later ones, `late.py` and `late_doors.py` stand for what may not be
there yet. A new service is a file in `services/`, with lines in the plan, `Rooms`, the circles.
"""
