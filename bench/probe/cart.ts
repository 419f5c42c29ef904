/** The file that many situations are about. Its mistake: total() ignores the amount. */

export const CART = `class Cart:
    def __init__(self):
        self.items = []

    def add(self, name, price, amount=1):
        self.items.append((name, price, amount))

    def total(self):
        return sum(price for _, price, amount in self.items)
`;
