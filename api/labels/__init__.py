"""Fields of a ticket that people fill in, and how far the machine may go with them."""
