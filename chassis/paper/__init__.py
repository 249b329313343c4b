"""Paper: documents as data, typeset into PDF with an embedded Chinese font."""
