"""What the tool knows of English: numbers, dates, names, verbs, clauses, questions.

No other room knows the language; every room above may use this one.
"""
