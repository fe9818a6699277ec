"""What the five README files say is so."""
