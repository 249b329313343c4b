"""Forms that officers fill in the field: versioned, served as data, without a question that an office answers."""
