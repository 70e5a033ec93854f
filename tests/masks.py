"""What may differ between two builds of a guest, masked, so that snapshots hold what people read."""

import re

_MASKS = (
    (r"kg1:[^' ]+", "kg1:STRING"),
    (r"\b(0x)?ffff[0-9a-f]{12}\b", "ADDRESS"),
    (r"(\+0x[0-9a-f]+)/0x[0-9a-f]+", r"\1/SIZE"),
    (r"e9( [0-9a-f]{2}){4}", "e9 DISPLACEMENT"),
    (r"[0-9a-f]{2}( [0-9a-f]{2}){3} visible", "DISPLACEMENT visible"),
    (r" *#\d+", " #N"),
    (r"[\d,]+ (transitions|states left|states|steps|characters)", r"N \1"),
    (r"reductions  .*", "reductions  REDUCTIONS"),
    (r"depth \d+", "depth N"),
    (r"\b(old|int3|new)\xa0\d+", r"\1 N"),
    (r" +[\d,]+$", " N"),
    (r"/\S*/(\w+\.py)", r"\1"),
)


def masked(text: str) -> str:
    """Return the text without addresses, sizes, counts and paths."""
    for pattern, replacement in _MASKS:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text
