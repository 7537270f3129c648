"""Boot: what user data ask for, as cloud-init reads it. Pure; who runs the steps is the host."""
