"""Machines of this host: sandboxes that stay, with a root disk, a first boot and a metadata service."""
