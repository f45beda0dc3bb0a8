"""Profiles: named sets of models, one TOML file each."""
