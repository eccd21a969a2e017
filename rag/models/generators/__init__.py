"""Messages → prose of a language model."""
