import sys
from lookup import lookup

print(lookup(sys.argv[1]) or "unknown")
