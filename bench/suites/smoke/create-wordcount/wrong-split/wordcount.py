import sys
from collections import Counter

with open(sys.argv[1], encoding="utf-8") as file:
    counts = Counter(file.read().lower().split())
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]:
    print(word, count)
