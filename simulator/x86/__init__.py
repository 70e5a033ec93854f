"""Facts about x86-64 that do not depend on any guest: how bytes read, how instructions are written.

``encode`` makes the handful of instructions a patcher writes, ``decode`` says what bytes mean to a CPU,
``assemble`` turns a short Intel-syntax text into machine code, ``registers`` names what a CPU holds. Only
this package imports Capstone and Keystone, and it hides what both get wrong.
"""
