"""What an instance is on this machine, for training and hosting alike: its GPUs, its cache, its peers."""
