"""监测对象个案: from a clue to verification, review, publicity, decisions, register and help (clause B8)."""
