"""The four roles on one vision-language model that sees the pixels."""
