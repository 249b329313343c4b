"""部门比对: what departments say of a household of a case, prefilled from their own files."""
