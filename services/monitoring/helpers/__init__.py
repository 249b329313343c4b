"""Who helps which household, from when to when."""
