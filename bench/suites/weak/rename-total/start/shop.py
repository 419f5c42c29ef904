def calc(items):
    """Sum of price times amount."""
    return sum(price * amount for price, amount in items)
