"""Which of a channel's entries an instance gets, in which order, in which epoch."""
