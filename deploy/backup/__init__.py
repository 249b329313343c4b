"""Copy a platform's databases and files away, and bring one service back to such a copy."""
