RATE = 0.25


def final_price(price):
    if price >= 100:
        price = price - price * RATE
    return price + 5
