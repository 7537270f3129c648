"""TLS on the door that other machines reach: certificates, how connections come in, what plain HTTP is told.

Nothing of it is loaded while the door is on loopback alone.
"""
