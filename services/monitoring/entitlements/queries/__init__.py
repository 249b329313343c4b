"""What is asked about entitlements."""
