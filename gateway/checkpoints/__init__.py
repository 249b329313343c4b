"""检查点: how far each service's audit chain was when it said so, kept where that service cannot write."""
