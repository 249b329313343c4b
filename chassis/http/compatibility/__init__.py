"""Find what a new OpenAPI document would break for clients that were generated from the old one, or written against it.

A client sends what the old document allowed and reads what it promised. So an operation may take more than before and
answer with more fields, and nothing else: less taken, less promised, or another name for a thing that generated code
names (operation, tag, schema, code of a problem) is a break. See decision 11.
"""

from chassis.http.compatibility.operations import breaks

__all__ = ["breaks"]
