"""The four roles on a small language model that reads the evidence timeline, with no pictures."""
