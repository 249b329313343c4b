"""Who needs attention: left-behind people with their carers, and the marks of key groups, as dated facts."""
