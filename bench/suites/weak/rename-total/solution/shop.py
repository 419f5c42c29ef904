def total_price(items):
    """Sum of price times amount."""
    return sum(price * amount for price, amount in items)
