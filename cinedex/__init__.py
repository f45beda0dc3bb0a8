"""The wiring: configuration, weights, composition, and the doors people use."""
