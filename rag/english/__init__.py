"""What the tool knows of English: numbers, dates, names, verbs, clauses, questions.

No other room knows the language; every room above may use this one.

``lexicon`` and ``verbs`` list words, each class once. ``numbers``, ``quantities``, ``dates``, ``names`` and
``countries`` are the one grammar of each; ``presence`` finds a name in whatever form an article has it.
``words``, ``phrases``, ``clauses``, ``enumerations`` and ``sentences`` take a text apart. ``question``
reads a question once, with ``requests``, ``predicates`` and ``publication``. ``statements`` says what an
answer or a sentence means. ``furniture`` knows the lines around an article.
"""
