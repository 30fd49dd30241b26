"""Encoders, classifiers and summarisers behind the ports of the core."""
