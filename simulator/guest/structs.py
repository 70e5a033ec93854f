"""Struct layouts, from debug information: a patch that sees a struct otherwise than the kernel is refused.

Types are compared by name, size and members (DWARF 5, 5.7). Base types go by size and sign, so that two compilers
agree about them; a struct inside another goes by its name, and is compared by itself. A struct that several sources
of the kernel define differently may be like any of them. What was compiled without ``-g`` is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from simulator.errors import LoadError
from simulator.guest.layout import LAYOUT_TABLE
from simulator.guest.lines import LinkedObject, debug_info, plain_bytes
from simulator.guest.object import ObjectFile

if TYPE_CHECKING:
    from elftools.dwarf.die import DIE

_AGGREGATES: Final = {"DW_TAG_structure_type": "struct", "DW_TAG_union_type": "union"}
_NAMED: Final = {**_AGGREGATES, "DW_TAG_enumeration_type": "enum"}
_TRANSPARENT: Final = ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type", "DW_TAG_restrict_type",
                       "DW_TAG_atomic_type")  # fmt: skip
_BASE: Final = {5: "s", 6: "s", 7: "u", 8: "u"}
"""DW_ATE_signed, signed_char, unsigned, unsigned_char, as the kernel abbreviates them."""
_STRINGS: Final = (".debug_str", ".debug_info")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a struct or union; ``offset`` and ``size`` are in bits."""

    name: str
    type: str
    offset: int
    size: int

    def __str__(self) -> str:
        if self.offset % 8 or self.size % 8:
            return f"{self.type}:{self.size} at bit {self.offset}"
        return f"{self.type} at offset {self.offset // 8}, size {self.size // 8}"


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct or union under the name C has for it: ``struct task``; ``size`` is in bytes."""

    name: str
    size: int
    members: tuple[Member, ...]


def difference(kernel: Struct, patch: Struct) -> str | None:
    """Return what is the first thing that differs, as a sentence; None where the two are laid out alike."""
    here, there = ({member.name: member for member in struct.members} for struct in (patch, kernel))
    for theirs, ours in zip_longest(kernel.members, patch.members):
        if theirs == ours:
            continue
        name = ours.name if ours and (ours.name not in there or theirs is None) else theirs.name
        return f"member {name!r}: the kernel has {there.get(name, 'none')}, the patch has {here.get(name, 'none')}"
    if kernel.size != patch.size:
        return f"the kernel has {kernel.size} bytes, the patch has {patch.size}"
    return None


def require_same_structs(kernel: Sequence[LinkedObject], patch: LinkedObject) -> None:
    """Raise LoadError if a struct of the patch is not laid out as the kernel's, unless the patch says so itself."""
    meant = _meant(patch.file)
    ours = {name: found for name, found in structs(patch).items() if name not in meant}
    theirs = [structs(each) for each in kernel if _mentions(each.file, ours)]
    for name, struct in ours.items():
        versions = [found[name] for found in theirs if name in found]
        if versions and struct not in versions:
            raise LoadError(
                f"{patch.file.name}: {name} is not the kernel's: {difference(versions[0], struct)}; compile the patch "
                f"with the kernel's headers, or write KGR_LAYOUT_CHANGES({name}) if it is meant"
            )


def _meant(patch: ObjectFile) -> frozenset[str]:
    texts = b"\0".join(section.data for section in patch.named(LAYOUT_TABLE))
    return frozenset(" ".join(text.decode("utf-8", "replace").split()) for text in texts.split(b"\0") if text)


def _mentions(obj: ObjectFile, names: Mapping[str, Struct]) -> bool:
    """Whether the debug information may have one of the names: a look that is cheaper than reading it."""
    words = [name.rpartition(" ")[2].encode() + b"\0" for name in names]
    return any(word in plain_bytes(section) for section in obj.named(*_STRINGS) for word in words)


# debug information ---------------------------------------------------------------------------------------


def structs(linked: LinkedObject) -> dict[str, Struct]:
    """Return the structs and unions an object's debug information defines; damaged information counts as none."""
    try:
        info = debug_info(linked)
        units = info.iter_CUs() if info else ()
        return {struct.name: struct for unit in units for die in unit.iter_DIEs() for struct in _struct(die)}
    except Exception:  # pyelftools raises nearly anything on damaged input
        return {}


def _struct(die: DIE) -> Iterator[Struct]:
    """Yield the struct that an entry names: its own tag, or, of a struct without one, the typedef."""
    name = _name(die)
    if name and die.tag in _AGGREGATES and "DW_AT_declaration" not in die.attributes:
        yield Struct(f"{_AGGREGATES[die.tag]} {name}", _number(die, "DW_AT_byte_size"), tuple(_members(die)))
    elif die.tag == "DW_TAG_typedef" and (made := _type(die)) and made.tag in _AGGREGATES and not _name(made):
        yield Struct(name, _number(made, "DW_AT_byte_size"), tuple(_members(made)))


def _members(die: DIE, base: int = 0) -> Iterator[Member]:
    """Yield the members; those of a member without a name are the struct's own."""
    for child in die.iter_children():
        made = _type(child)
        if child.tag != "DW_TAG_member" or made is None:
            continue
        offset = base + 8 * _number(child, "DW_AT_data_member_location") + _number(child, "DW_AT_data_bit_offset")
        if not _name(child):
            yield from _members(made, offset)
        else:
            yield Member(_name(child), _text(made), offset, _number(child, "DW_AT_bit_size") or 8 * _size(made))


def _text(die: DIE | None) -> str:
    """Return a type as C writes it, without typedefs and qualifiers."""
    if die is None:
        return "void"
    if die.tag in _TRANSPARENT:
        return _text(_type(die))
    if die.tag == "DW_TAG_pointer_type":
        made = _text(_type(die))
        return made.replace("()", "(*)", 1) if "()" in made else f"{made} *"
    if die.tag == "DW_TAG_array_type":
        return _text(_type(die)) + "".join(f"[{count}]" for count in _counts(die))
    if die.tag == "DW_TAG_subroutine_type":
        parameters = [_text(_type(child)) for child in die.iter_children()]
        return f"{_text(_type(die))} ()({', '.join(parameters) or 'void'})"
    if die.tag == "DW_TAG_base_type" and (sign := _BASE.get(_number(die, "DW_AT_encoding"))):
        return f"{sign}{8 * _size(die)}"
    kind = _NAMED.get(str(die.tag), "")
    if kind and not _name(die):
        inside = "; ".join(f"{member.name}: {member}" for member in _members(die))
        return f"{kind} {{ {inside} }}"
    return f"{kind} {_name(die)}".strip()


def _size(die: DIE) -> int:
    if die.tag in _TRANSPARENT and (made := _type(die)):
        return _size(made)
    if die.tag == "DW_TAG_array_type" and (made := _type(die)):
        size = _size(made)
        for count in _counts(die):
            size *= count
        return size
    return _number(die, "DW_AT_byte_size")


def _counts(die: DIE) -> list[int]:
    """Return the number of elements by dimension; 0 for an array without a bound."""
    return [
        _number(child, "DW_AT_count") or _number(child, "DW_AT_upper_bound", -1) + 1
        for child in die.iter_children()
        if child.tag == "DW_TAG_subrange_type"
    ]


def _type(die: DIE) -> DIE | None:
    found: DIE | None = die.get_DIE_from_attribute("DW_AT_type") if "DW_AT_type" in die.attributes else None
    return found


def _name(die: DIE) -> str:
    attribute = die.attributes.get("DW_AT_name")
    return attribute.value.decode("utf-8", "replace") if attribute else ""


def _number(die: DIE, attribute: str, otherwise: int = 0) -> int:
    found = die.attributes.get(attribute)
    return int(found.value) if found else otherwise
