"""Files of ours that run within a function's sandbox. Nothing of the platform imports them."""
