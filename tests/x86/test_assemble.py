"""Text to machine code: what a patcher writes comes out right, everything else is one clear error."""

import pytest

from simulator.errors import AssemblyError
from simulator.x86.assemble import assemble
from simulator.x86.decode import Data

PATCHER = 0xFFFFFFFFA0000000


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("mov byte ptr [rdi], 0xcc", "c6 07 cc"),
        ("mov dword ptr [rdi+1], 0x12345678", "c7 47 01 78 56 34 12"),
        ("mov qword ptr [rdi], rax", "48 89 07"),
        ("xchg qword ptr [rdi], rax", "48 87 07"),
        ("xchg rax, [rdi]", "48 87 07"),
        ("movabs rdi, 0xffffffff81000000", "48 bf 00 00 00 81 ff ff ff ff"),
        ("mov rdi, 0xffffffff81000000", "48 c7 c7 00 00 00 81"),
        ("mov rdi, 0x8000000000000001", "48 bf 01 00 00 00 00 00 00 80"),
        ("lock xadd qword ptr [rdi], rax", "f0 48 0f c1 07"),
        ("lock cmpxchg [rdi], rcx", "f0 48 0f b1 0f"),
        ("mfence", "0f ae f0"),
        ("cpuid", "0f a2"),
        ("mov ecx, 0x830", "b9 30 08 00 00"),
        ("wrmsr", "0f 30"),
        ("iretq", "48 cf"),
        ("pushfq", "9c"),
        ("pause", "f3 90"),
        ("cmp dword ptr [rax], 3", "83 38 03"),
        ("hlt", "f4"),
        ("sti", "fb"),
        ("cli", "fa"),
        ("call rax", "ff d0"),
        ("call qword ptr [rdi*8 - 0x7e000000]", "ff 14 fd 00 00 00 82"),
        ("add qword ptr gs:[0x40], 1", "65 48 83 04 25 40 00 00 00 01"),
        ("mov rax, gs:[0x40]", "65 48 8b 04 25 40 00 00 00"),
        ("and rax, -16", "48 83 e0 f0"),
        ("imul rax, 8", "48 6b c0 08"),
        ("rep stosq", "f3 48 ab"),
        ("repz cmpsb", "f3 a6"),
        ("sysretq", "48 0f 07"),
        ("MOV RAX, CR3", "0f 20 d8"),
        ("nop5", "0f 1f 44 00 00"),
        ("int3", "cc"),
        ("endbr64", "f3 0f 1e fa"),
        ("serialize", "0f 01 e8"),
        (".byte 0x0f, 11", "0f 0b"),
        ("\tnop\t; a comment", "90"),
        ("nop # another", "90"),
    ],
)
def test_a_line_assembles_to_the_right_bytes(line: str, code: str) -> None:
    assert assemble(line, PATCHER).code.hex(" ") == code


@pytest.mark.parametrize("name", ["jne", "jnz"])
def test_a_backward_branch_takes_the_short_form(name: str) -> None:
    assert assemble(f"wait: pause\n{name} wait", PATCHER).code.hex(" ") == "f3 90 75 fc"


def test_a_forward_branch_takes_the_short_form() -> None:
    assert assemble("jmp done\nnop5\ndone: ret", PATCHER).code.hex(" ") == "eb 05 0f 1f 44 00 00 c3"


@pytest.mark.parametrize(("count", "length"), [(127, 2), (128, 5)])
def test_a_branch_grows_when_its_target_is_out_of_reach(count: int, length: int) -> None:
    source = "jmp done\n" + "nop\n" * count + "done: ret"
    assert assemble(source, PATCHER).instructions[0].length == length


def test_one_branch_that_grows_makes_another_one_grow() -> None:
    source = "first: jmp far\n" + "nop\n" * 124 + "jne first\n" + "nop\n" * 9 + "far: ret"
    found = assemble(source, PATCHER)
    assert [found.instructions[0].length, found.instructions[125].length] == [5, 6]


def test_rip_relative_operands_find_their_label() -> None:
    found = assemble("lock inc dword ptr [rip + count]\nlea rax, [rip + count + 4]\ncount: .byte 0, 0", PATCHER)
    assert [i.text for i in found.instructions[:2]] == ["lock inc dword ptr [rip + 7]", "lea rax, [rip + 4]"]


def test_a_label_is_a_number_too() -> None:
    found = assemble("mov rax, after - before\nbefore: nop5\nafter: nop", PATCHER)
    assert found.instructions[0].text == "mov rax, 5"


def test_a_symbol_of_the_caller_can_be_called() -> None:
    found = assemble("call sync_core", PATCHER, {"sync_core": PATCHER + 0x100}).instructions[0]
    assert not isinstance(found, Data) and found.target == PATCHER + 0x100


def test_a_label_hides_a_symbol_of_the_same_name() -> None:
    found = assemble("jmp here\nhere: nop", PATCHER, {"here": 0}).instructions[0]
    assert not isinstance(found, Data) and found.target == PATCHER + 2


def test_labels_have_addresses_and_instructions_have_lines() -> None:
    found = assemble("start:\n\n nop\nmiddle: nop5\nend:", PATCHER)
    assert (found.labels, found.lines) == (
        {"start": PATCHER, "middle": PATCHER + 1, "end": PATCHER + 6},
        (3, 4),
    )


def test_code_ends_behind_its_last_byte() -> None:
    assert assemble("nop5", PATCHER).end == PATCHER + 5


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "line 1: nothing to assemble"),
        ("; only this\nlabel:", "line 1: nothing to assemble"),
        ("nop\njmp nowhere", "line 2: `jmp nowhere`: unknown label `nowhere`"),
        ("jmp strat\nstart: nop", "did you mean `start`"),
        ("a: nop\na: nop", "line 2: `a: nop`: label `a` stands on line 1 already"),
        (".text", "line 1: `.text`: directives are not supported"),
        (".byte 256", "from 0 to 0xff"),
        (".byte 1,,2", "separated by commas"),
        ("mov rax, %rbx", "unexpected character `%`"),
        ("mov $1, rax", r"unexpected character `\$`"),
        ("mov rax, 'a'", "unexpected character `'`"),
        ("mov rax, \0", r"unexpected character `\\x00`"),
        ("x" * 300, "longer than 256 characters"),
        ("frob rax", "`frob` is not an instruction"),
        ("iret", "write `iretq`"),
        ("nop dword ptr [rax]", "write `nop5`"),
        ("mov [rdi], 1", "no such instruction|how many bytes"),
        ("shl [rdi], cl", "no such instruction|how many bytes"),
        ("rax: nop", "cannot be a label"),
        ("1: jmp 1b", "is not an instruction"),
        ("lock", "the line ends after its prefix"),
        ("lock mov rax, 1", "no CPU knows"),
        ("rep nop", "makes `pause` of it"),
        ("lock jmp 0x1000", "takes no prefix"),
        ("loop 0x9000", "too far"),
        ("jmp 0x1000000000", "too far"),
        ("mov rax, 010", "leading zero"),
        ("mov rax, 0x10000000000000000", "more than 64 bits"),
        ("mov rax, [rax*3]", "scaled by 1, 2, 4 or 8"),
        ("mov rax, [rax + eax]", "64-bit registers, or of 32-bit ones"),
        ("mov rax, [rip + rax]", "rip takes no index"),
        ("mov rax, [rax + rbx + rcx]", "at most a base"),
        ("mov rax, ds:[rdi]", "no effect in 64-bit mode"),
        ("mov rax, [rdi", "needs `]`"),
        ("stosb byte ptr [rdi], al", "takes 0 operands"),
        ("nop5 1", "takes no operands"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(source: str, message: str) -> None:
    with pytest.raises(AssemblyError, match=message):
        assemble(source, 0x1000)


@pytest.mark.parametrize(
    "line",
    [
        "mov al, 0x1ff",
        "mov eax, 0x1ffffffff",
        "mov byte ptr [rdi], 0x1cc",
        "push 0x80000000",
        "add rax, 0x80000000",
        "ret 0x10000",
        "shl rax, 0x100",
        "mov rax, [rax + rax*8 + 0x80000000]",
        "mov rax, [rsp + rsp*2]",
        "setns r15",
        "xchg rax, rax",
    ],
)
def test_what_the_assembler_would_get_wrong_is_refused(line: str) -> None:
    with pytest.raises(AssemblyError, match=r"^line 1: "):
        assemble(line, 0x1000)


@pytest.mark.parametrize("address", [-1, 1 << 64, (1 << 64) - 4])
def test_code_must_fit_the_address_space(address: int) -> None:
    with pytest.raises(AssemblyError):
        assemble("nop5", address)


def test_code_may_end_where_the_address_space_does() -> None:
    assert assemble("nop5", (1 << 64) - 5).end == 1 << 64


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(AssemblyError, match=r"line 4097: .*more than 4096"):
        assemble("nop\n" * 4097, PATCHER)


def test_an_error_is_one_printable_line() -> None:
    with pytest.raises(AssemblyError) as caught:
        assemble("mov rax, \x1b[31m\u2028\ud800" + "y" * 100, PATCHER)
    assert str(caught.value).isprintable()
