def read_stock(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def value(stock):
    return sum(entry["price"] * entry["amount"] for entry in stock)


def missing(stock):
    return [entry["name"] for entry in stock if entry["amount"] == 0]
