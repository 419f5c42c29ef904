"""Writes index.json: each word of words.txt with the lines on which it stands (from 1)."""

import json

index = {}
with open("words.txt", encoding="utf-8") as file:
    for number, word in enumerate(file.read().split("\n")):
        if word:
            index.setdefault(word, []).append(number)
with open("index.json", "w", encoding="utf-8") as file:
    json.dump(index, file, indent=2, sort_keys=True)
