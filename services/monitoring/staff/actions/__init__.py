"""What is done with officers and posts: register, grant, end, load in bulk."""
