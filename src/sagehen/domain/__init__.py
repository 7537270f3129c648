"""The vocabulary that every room shares: ARNs, identities, time, ids, and the ports between services.

Nothing here imports another room, does I/O or reads the machine's clock on its own account.
"""
