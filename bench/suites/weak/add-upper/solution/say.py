import argparse


def main():
    parser = argparse.ArgumentParser(description="Print a text.")
    parser.add_argument("text")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--upper", action="store_true", help="print in upper case")
    args = parser.parse_args()
    text = args.text.upper() if args.upper else args.text
    for _ in range(args.times):
        print(text)


if __name__ == "__main__":
    main()
