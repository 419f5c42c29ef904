import json
import sys


def read_stock(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def value(stock):
    return sum(entry["price"] * entry["amount"] for entry in stock)


def missing(stock):
    return [entry["name"] for entry in stock if entry["amount"] == 0]


def main():
    stock = read_stock(sys.argv[1])
    print(f"value: {value(stock):.2f}")
    print(f"missing: {', '.join(missing(stock)) or 'nothing'}")


if __name__ == "__main__":
    main()
