"""Put the programs together and run them: one machine for a first look, containers for a county."""
