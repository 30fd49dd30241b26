"""Programs that make and measure the models; each is run as ``python -m training.<name>``."""
