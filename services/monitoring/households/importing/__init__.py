"""Import households in bulk: the rules of a single registration, at the speed of a COPY."""
