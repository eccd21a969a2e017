"""file → Document → Chunk: reading articles, marking what is furniture, cutting passages.

``sources`` (scan, read, decode) and ``sidecar`` are light; ``load``, ``chunk`` and ``language`` bring
the rules along, which a question has no need of. So nothing is imported here.
"""
