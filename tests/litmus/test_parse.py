"""The text of a litmus test: what is read, and where it is wrong."""

import pytest

from simulator.errors import LitmusError
from simulator.litmus.build import build
from simulator.litmus.condition import And, Executes, Faults, Not, Or, Quantifier, RegisterIs, WordIs
from simulator.litmus.parse import parse
from simulator.litmus.test import Handler, Place, Verdict
from tests.semantics.guests import engine

GOOD = """X86_64 Good "What it is about"
{ x = 1; y = -2 at 64k+61; 0:rax = 5; 1:rbx = x;
  site s at 64k+61 alias w { old: mov ebx, 0; nop; new: mov ebx, 1; then: nop; ret; } }
routine r { nop; ret; }
handler 3 ist 1 { iretq; }
 P0                  | P1           ;
 mov dword ptr [x],1 | again: nop   ;  (* a comment; with | everything *)
                     | call s       ;
 call r              |              ;
locations [ 0:rcx; [x]; ]
exists (~0:rax=0x5 /\\ ([x]=1 \\/ 1 executes torn at s after 0) /\\ 1 faults)
expect AB: Ok, X: Undefined, *: No
because "so  it
  is"
"""


def error(text: str) -> str:
    with pytest.raises(LitmusError) as caught:
        build(parse(text, "t.litmus"), "A", engine())
    return str(caught.value)


def test_the_columns_are_the_code_of_the_cpus() -> None:
    threads = [[line.text for line in code] for code in parse(GOOD).threads]
    assert threads == [["mov dword ptr [x],1", "call r"], ["again: nop", "call s"]]


def test_a_condition_is_read_with_its_usual_precedence() -> None:
    either = Or((WordIs("x", 1), Executes(1, "torn", "s", 0)))
    assert parse(GOOD).condition == (Quantifier.EXISTS, And((Not(RegisterIs(0, "rax", 5)), either, Faults(1))))


def test_a_condition_is_written_as_it_is_read() -> None:
    condition = parse(GOOD).condition
    assert (
        parse(GOOD.replace(GOOD[GOOD.index("exists") : GOOD.index("expect")], f"{condition}\n")).condition == condition
    )


def test_words_have_values_and_places() -> None:
    assert [(word.name, word.value, word.place) for word in parse(GOOD).words] == [
        ("x", 1, None), ("y", -2, Place("", 61)),
    ]  # fmt: skip


def test_a_site_has_versions_an_alias_and_code_behind_it() -> None:
    (site,) = parse(GOOD).sites
    versions = [(version.name, [line.text for line in version.code]) for version in site.versions]
    assert versions == [("old", ["mov ebx, 0", "nop"]), ("new", ["mov ebx, 1"])]
    assert (site.alias, site.place, [line.text for line in site.then or ()]) == ("w", Place("", 61), ["nop", "ret"])


def test_a_handler_has_a_vector_and_a_stack() -> None:
    (handler,) = parse(GOOD).handlers
    assert (handler.vector, handler.ist) == Handler(3, 1, ())[:2]


def test_expectations_are_by_letter_and_the_star_is_for_the_others() -> None:
    litmus = parse(GOOD)
    found = [litmus.expected(name) for name in ("coherent", "intel-strict", "zen3")]
    assert (found, litmus.because) == ([Verdict.OK, Verdict.UNDEFINED, Verdict.NO], "so it is")


def test_a_site_stands_where_its_place_says() -> None:
    built = build(parse(GOOD), "A", engine())
    assert built.symbols["s"] % 0x10000 == 61 and built.symbols["y"] % 0x10000 == 61


def test_a_site_can_stand_right_behind_another() -> None:
    text = GOOD.replace("}\nroutine", "site u at s+9 { old: nop; } }\nroutine", 1)
    built = build(parse(text), "A", engine())
    assert built.symbols["u"] == built.symbols["s"] + 9


WRONG = {
    # what is replaced by what, and the error
    "no-arch": ("X86_64 Good", "ARM Good", "t.litmus:1:1: `ARM` where `X86_64` should be"),
    "no-semicolon": ("x = 1;", "x = 1", "t.litmus:2:9: `y` where `;` or `at` should be"),
    "not-a-register": ("~0:rax", "~0:rxx", "t.litmus:11:12: `rxx` is not a register"),
    "no-such-cpu": ("1 faults", "2 faults", "t.litmus:11:"),
    "no-such-word": ("([x]=1", "([q]=1", "there is no word `q`; words are x, y"),
    "no-such-site": ("torn at s", "torn at q", "there is no site `q`; sites are s"),
    "no-such-version": ("executes torn", "executes odd", "`odd` is not a version of s; write one of old, new, int3"),
    "columns": ("call s       ;", "call s | nop ;", "t.litmus:8:33: 3 columns, but there are 2 CPUs"),
    "numbers": ("P0   ", "P7   ", "t.litmus:6:2: `P7` where P0 should be"),
    "letters": ("expect AB", "expect AK", "t.litmus:12:8: `AK`: fetch models are ABCDEFGQXZ"),
    "twice": ("X: Undefined", "A: Undefined", "each fetch model has one verdict"),
    "name-twice": ("alias w", "alias x", "t.litmus:3:26: `x` is the name of something else already"),
    "register-name": ("x = 1;", "x = 1; rax = 2;", "t.litmus:2:10: `rax` is a register"),
    "empty-version": ("new: mov ebx, 1;", "new:", "version `new` has no instructions"),
    "vector": ("handler 3", "handler 256", "t.litmus:5:9: a vector is a number from 0 to 255"),
    "stack": ("ist 1", "ist 3", "t.litmus:5:15: there are the interrupt stacks 1 and 2"),
    "offset": ("64k+61 alias", "64k+65536 alias", "an offset is a number from 0 to 65535"),
    "instruction": ("again: nop", "again: nup", "t.litmus:7:24: `again: nup`: `nup` is not an instruction"),
    "in-a-site": ("mov ebx, 1", "mov ebx", "t.litmus:3:57: `mov ebx`"),
    "in-a-handler": ("iretq", "irteq", "t.litmus:5:19: `irteq`"),
    "label": ("call r ", "call q ", "t.litmus:9:2: `call q`: unknown label `q`"),
    "too-long": ("new: mov ebx, 1", "new: movabs rbx, 1", "version new of s has 10 bytes"),
    "register-value": ("1:rbx = x", "1:rbx = q", "there is no `q`"),
    "early": ("at 64k+61 alias", "at u+1 alias", "s stands at u+1, but u is not defined before it"),
    "overlap": ("then: nop; ret; }", "then: nop; ret; } site u at s+3 { old: nop; }", "site u stands where another"),
    "unclosed": ("(~0", "((~0", "t.litmus:12:1: `expect` where `)`"),
}


@pytest.mark.parametrize(("old", "new", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, message: str) -> None:
    assert GOOD.count(old) == 1
    assert message in error(GOOD.replace(old, new))


def test_a_text_that_ends_too_early_is_an_error_at_its_end() -> None:
    assert error("X86_64 T { x = 0; }\n P0 ;\n nop ;\nexists (0:rax=1\n\n").startswith("t.litmus:4:16: the end where")


def test_an_empty_text_is_an_error() -> None:
    assert error("").startswith("t.litmus:1:1: the end where `X86_64` should be")


def test_an_error_is_one_line() -> None:
    assert "\n" not in error(GOOD.replace("again: nop", "again: nup \\ \"'"))
