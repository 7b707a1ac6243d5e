"""Reading uploaded files in a limited child process: the port and its implementations."""
