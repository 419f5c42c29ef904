def line(stock):
    there = [name for name, amount in stock if amount > 0]
    return f"{len(there)} of {len(stock)} in stock: {', '.join(sorted(there, reverse=True))}"
