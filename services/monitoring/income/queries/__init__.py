"""What is asked about income: one household's window, its lines, and a county's figures for screening."""
