from shop import calc

basket = [(2.5, 4), (10, 1)]
print(calc(basket))
