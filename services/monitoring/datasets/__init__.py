"""Department files: what each office hands in, how its rows end, and the sheet that reconciles them."""
