"""A chatbot in your terminal: python examples/chatbot.py [INDEX]."""

import sys

import rag

with rag.Retriever.open(sys.argv[1] if len(sys.argv) > 1 else "index") as retriever:
    print("Ask about the articles; an empty line ends the chat.")
    while question := input("you> ").strip():
        answer = retriever.ask(question)
        if answer.status == "abstained":
            print(f"bot> I can't find that in the articles: {answer.reason}.")
            continue
        print(f"bot> {answer.answer}")
        for c in answer.citations:
            print(f"     [{c.n}] {c.title}, {c.path}:{c.line}")
