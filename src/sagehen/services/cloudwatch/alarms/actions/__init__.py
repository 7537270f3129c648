"""What an alarm does on a transition: decided with it, stored, done until it succeeds or is refused."""
