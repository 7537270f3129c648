"""Packages of functions and layers: where archives come from, how they are kept and unpacked, and the URLs
from which they can be fetched. Nothing here knows what a function is."""
