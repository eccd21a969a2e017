"""The write path: a folder of articles → an index, kept up to date, checked and mended."""
