"""Network interfaces: addresses in a subnet, with the security groups that guard them."""
