"""Take in what a phone did without a network: many operations at once, each with an end of its own, none twice."""
