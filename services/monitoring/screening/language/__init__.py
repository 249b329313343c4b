"""The language of clue rules: a boolean expression over published names that every engine computes alike.

Comparisons, ``AND``, ``OR``, ``NOT``, ``IN``, ``BETWEEN``, ``IS NULL``, whole numbers with ``+``, ``-`` and ``*``;
nothing else. A comparison with NULL is unknown, and a rule fires only where its expression is TRUE.
"""
