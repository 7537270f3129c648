"""The `sagehen` command: a client of the public AWS API, besides starting and stopping the platform."""
