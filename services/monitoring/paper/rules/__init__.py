"""What stands on each paper, composed of facts that were read."""
