"""The MCP server, which lends the articles to assistants: ``server`` has its tools, ``run`` its two ways.

A host starts it and wants the list of tools at once. So ``greeting`` tells them before the server runs, and
the rooms that search and answer are imported when a tool is first called.
"""
