"""The articles for LangChain, LlamaIndex and Haystack: a retriever, and the cited answer as a tool.

One module for each framework, which none of the others needs.
"""
