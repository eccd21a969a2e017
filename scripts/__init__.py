"""What builds and checks the project's own files."""
