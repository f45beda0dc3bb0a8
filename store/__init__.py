"""What is kept and how it is read back: SQL is the truth, vectors are a cache rebuilt from it."""
