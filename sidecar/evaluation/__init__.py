"""How good the answers are: measures on public data, and the page that reports them."""
