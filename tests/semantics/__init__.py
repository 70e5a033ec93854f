"""What the machine and the checker say, compared with other ways of saying it.

An oracle written from the rules alone, the literal rules of fetch, searches without reductions, plain Unicorn,
counts made by hand, and the machine with one rule switched off.
"""
