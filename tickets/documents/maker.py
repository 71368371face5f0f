"""The process that makes a file: `python -m tickets.documents.maker pdf`, the document in, the file out.

It is no part of the web process: what it needs (fonts, a compiler) is loaded here and gone with it, and so is
whatever a document might do to it.
"""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module

WRITERS = {"pdf": "pdf", "docx": "word"}
MOST_SECONDS = 20
MOST_MEMORY = 2 * 2**30  # of addresses; what is used is some 150 MB


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    writer = import_module(f"tickets.documents.{WRITERS[sys.argv[1]]}")  # one of them, not both
    sys.stdout.buffer.write(writer.write(json.load(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
