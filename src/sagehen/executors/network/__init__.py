"""Private loopback networks, and how a program inside finds the door of the platform in them."""
