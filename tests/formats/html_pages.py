"""Pages that the tests of HTML write."""

TITLE = "Varnholt to close its old bath"
BATH = [
    "The council of Varnholt voted on Tuesday to close the old swimming bath on Mill Street.",
    "Repairs to the roof alone would cost 3.2 million crowns, said Jonas Reval of the building office.",
    "A new bath beside the station is to open in 2028, with a pool of 25 metres and a sauna.",
    "Opponents have collected 4,100 signatures. They want the citizens to be asked in a ballot.",
]


def paragraphs(texts):
    return [f"<p>{text}</p>" for text in texts]


def page(body, head="", title=TITLE):
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{body}</body></html>"
    ).encode()
