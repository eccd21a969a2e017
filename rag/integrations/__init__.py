"""The articles for LangChain, LlamaIndex and Haystack: a retriever, and the cited answer as a tool.

One module for each framework; none of them needs another.
"""
