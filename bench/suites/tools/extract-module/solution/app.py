import sys

from stock import missing, read_stock, value


def main():
    stock = read_stock(sys.argv[1])
    print(f"value: {value(stock):.2f}")
    print(f"missing: {', '.join(missing(stock)) or 'nothing'}")


if __name__ == "__main__":
    main()
