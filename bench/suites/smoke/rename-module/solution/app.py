from text_tools import shorten

print(shorten("a very long headline of the day", 12))
