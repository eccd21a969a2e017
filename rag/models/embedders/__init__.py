"""Text → unit-length vectors."""
