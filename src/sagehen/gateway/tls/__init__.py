"""TLS on the door that other machines reach: certificates, how connections come in, what plain HTTP is told.

Functions' environments have such a door of their own. Nothing of it is loaded before the first of these,
while the door is on loopback alone.
"""
