"""What Deskside talks about, as plain data and arithmetic; standard library only."""
