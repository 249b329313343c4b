"""What people read about department files."""
