from shop import total_price

basket = [(2.5, 4), (10, 1)]
print(total_price(basket))
