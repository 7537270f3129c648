"""The rehearsal: traffic against an endpoint or a function on a virtual clock, before anybody pays for it.

A heap loop over arrivals, answers, alarms and starts of instances. Decisions are the platform's own
(`autoscaling`, `alarms`, `concurrency`, `serving.choice`). Two that each request needs are written again, to
be fast, and tests hold them against the originals: RANDOM routing, and Lambda's ceiling.
Pure: time, randomness and what was measured are passed in; only the list of prices is read from a file.
"""
