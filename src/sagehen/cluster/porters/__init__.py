"""Porters: a process beside the platform and one beside each node's agent, for what is large.

What they carry takes turns with nobody's request: it passes no event loop that relays one, holds no lock of
its interpreter, and waits where processors are short. A node's porter dials the platform's, by the
certificates of the link; what for, the platform has said over the link (`offers`). Both are started when they
are first needed.
"""
