"""The rules of the registry: what in a record is wrong or doubtful, and which changes of a household may happen."""
