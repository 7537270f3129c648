"""The rehearsal: traffic against an endpoint or a function on a virtual clock, before anybody pays for it.

A heap loop over arrivals, answers, alarms and starts of instances. It calls the platform's own decisions
(`autoscaling`, `alarms`, `concurrency`, the choice of a replica in `serving`) and has none of its own.
Pure: time, randomness and what was measured are passed in; only the list of prices is read from a file.
"""
