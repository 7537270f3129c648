"""Environments: which Python, with which packages, stands for an image on this machine.

An image is a promise about packages. Here lie what AWS's images promise (`catalogue`), what the operator maps
(`mapped`) and builds (`built`), what a source imports (`reading`, run as a process of its own), and what an
environment lacks of it (`lacks`). Nothing here knows of jobs, endpoints or AWS's wire.
"""
