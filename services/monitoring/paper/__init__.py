"""Papers of the case procedure: forms to sign, public lists, cards for the wall, the case in the national order."""
