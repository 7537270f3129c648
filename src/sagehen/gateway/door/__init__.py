"""The front door itself: sockets, the ASGI application behind them, the access log.

What a request means is `chain`'s.
"""
