"""Shortens the start of a process of ours. Only programs import it, first of all; `import autograder` does not.

nbformat imports jsonschema, which compiles a grammar of IRIs wherever `rfc3987_syntax` is installed. That takes two
seconds, longer than everything else that a command imports. No schema here names an IRI, so a program of ours goes
without; a program that imports this package keeps its jsonschema as it is.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
