"""两不愁三保障及饮水安全 (clause B7): dated checks of what every household is to have; the latest answer holds."""
