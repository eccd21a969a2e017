"""The web page: one address, ``/``, whose query says all that is shown.

``state`` reads and writes addresses, ``conversations`` answers, ``article`` lays an article out,
``highlight`` marks stretches of text, ``render`` fills the templates, ``login`` lets browsers in where
there is a token. The browser gets HTML from the server for every state; ``assets/page.js`` only exchanges
the parts that differ, so that everything but comfort works without it.
"""
