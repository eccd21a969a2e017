"""The file formats of articles: bytes → text and blocks. Each format has its own file."""
