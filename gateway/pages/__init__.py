"""What a person opens in a browser: the first page and the documentation. All of it is served by us."""
