"""What is asked of registers: their facts, past and present, what is amiss, and files of them."""
