"""What is done with the rows of monitoring lines: propose, confirm by a second person, take back."""
