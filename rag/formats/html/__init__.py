"""HTML pages: the article of a saved page, without what surrounds it."""
