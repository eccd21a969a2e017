"""The file formats that articles come in: bytes → text and blocks, one file a format."""
