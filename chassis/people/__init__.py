"""Know the people whom monitoring registers, in a service's own database: no name, no number, only what finds them."""
