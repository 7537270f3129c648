"""A run as its owner sees it: senders are started and read, AWS is asked meanwhile how it goes."""
