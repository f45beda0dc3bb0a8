"""Alembic's home; ``store/schema.py`` runs it, no ``alembic.ini`` needed."""
