"""What people do with department files."""
