"""Demo content of Deskside: an invented company's help centre and its tickets."""
