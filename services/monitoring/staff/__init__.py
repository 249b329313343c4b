"""Officers, the posts they hold, and who stands in for whom: what tokens say about a person comes from here."""
