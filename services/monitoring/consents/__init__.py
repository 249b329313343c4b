"""承诺书 and 授权书: what a household signed, for whom and for what, and until when it counts."""
