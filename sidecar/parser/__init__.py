"""Reading uploaded files in a limited child: the port and its implementation."""
