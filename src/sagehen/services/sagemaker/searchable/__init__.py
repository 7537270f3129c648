"""What Search looks through: the things of each room, as their Describe operations tell them, with tags."""
