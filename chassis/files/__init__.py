"""Keep files encrypted and under their content's keyed digest, each in one area, for as long as a rule says."""
