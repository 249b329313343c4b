"""线索: clues that rules, cadres and households raise, and what became of them."""
