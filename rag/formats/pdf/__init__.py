"""PDF: pages of placed characters → citable text in reading order.

``glyphs`` reads the characters of a page through pdfium, the only module that knows it. ``words`` builds
words and rows from them, ``furniture`` finds what pages repeat, ``columns`` and ``layout`` put the rest
in reading order and cut it into paragraphs (``tables``), ``flow`` joins what goes on in the next column
or on the next page, and ``document`` makes one text of it.
"""
