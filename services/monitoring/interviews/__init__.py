"""入户核查: versioned forms, what fills them beforehand, and filled ones that a second person countersigned."""
