"""Input channels: InputDataConfig as checked data, and whether there is anything in them."""
