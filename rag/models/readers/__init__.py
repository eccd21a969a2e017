"""Question and passages → the spans that answer."""
