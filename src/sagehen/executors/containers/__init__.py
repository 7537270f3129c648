"""Sandboxes on images as containers of an engine, Docker or Podman, that listens on a socket of this machine.

Nothing of this room is imported unless the operator asks for it. `engine` speaks the Docker Engine API,
`documents` says what is asked of it, `images` brings images there, `keeper` is the platform's hand in each
container.
"""
