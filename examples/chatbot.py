"""A chatbot in your terminal: python examples/chatbot.py [INDEX]."""

import sys

import rag

with rag.Retriever.open(sys.argv[1] if len(sys.argv) > 1 else "index") as retriever:
    conversation = rag.Conversation(retriever)  # so that "why?" and "who runs it?" are understood
    print("Ask about the articles; an empty line ends the chat.", end="\nyou> ", flush=True)
    for question in iter(lambda: sys.stdin.readline().strip(), ""):
        answer = conversation.ask(question).answer
        if answer.status == "answered":
            print(f"bot> {rag.printable(answer.answer or '')}")
            for c in answer.citations:
                print(f"     [{c.n}] {rag.printable(c.title)}, {rag.printable(c.path)}:{c.line}")
        else:
            print(f"bot> I can't find that in the articles: {rag.printable(answer.reason or '')}.")
        print(end="you> ", flush=True)
