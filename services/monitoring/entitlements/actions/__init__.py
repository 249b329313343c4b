"""What is done with entitlements."""
