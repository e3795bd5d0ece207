"""How well does the product hear? Lead sheets played out as parts, and what is heard in them."""
