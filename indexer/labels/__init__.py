"""What the classes of a network are called in words; plain data, read once."""
