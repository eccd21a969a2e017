"""The English that the tool knows: numbers, dates, names, verbs, clauses, questions.

The only room that knows the language; every room above may ask it.
"""
