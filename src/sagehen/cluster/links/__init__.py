"""Links: mutually authenticated TLS 1.3 between the platform and a node, with many streams in each.

server, client      who listens (the platform) and who dials (a node, perhaps behind NAT)
joining, admission  how a node gets its first certificate, on both sides
link, stream        one connection and what goes over it (`cluster.streams` says what they owe)
frames, windows     what is written, and how much may be under way: pure
"""
