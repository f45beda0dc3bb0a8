"""Turns the screenplay of the sample film into pictures, sound and a file of truths."""
