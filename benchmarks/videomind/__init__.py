"""What the chain on pixels costs: seconds of each role, and memory of one base with four roles."""
