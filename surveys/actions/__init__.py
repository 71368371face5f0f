"""What happens to surveys and to what follows from them."""
