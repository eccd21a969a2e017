"""The HTTP server: ``app`` puts it together, ``run`` listens.

Requests wait for a thread of ``pool``, which does the work on one shared Retriever. ``security`` and
``observe`` stand in front of every request. ``api`` is the tool's own API, ``chat`` OpenAI's.
"""
