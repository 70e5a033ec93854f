"""Functions and sites of a guest kernel."""

from simulator.guest.kernel import Placement, load_kernel
from simulator.report.kernel import functions, render

STRADDLING = load_kernel("minimal", cpus=1, placements={"answer": Placement(62)})


def test_a_site_across_a_line_has_a_comment_as_pahole_makes_them() -> None:
    assert "    /* 0f 1f --- cacheline boundary (64 bytes) --- 44 00 00 */" in render(STRADDLING).splitlines()


def test_sites_that_cross_are_counted() -> None:
    assert "1 cross 8, 1 cross 16, 1 cross 32, 1 cross 64" in render(STRADDLING)


def test_a_function_without_a_site_has_a_dash() -> None:
    line = next(line for line in render(STRADDLING).splitlines() if line.endswith("workload_idle"))
    assert line.split()[-2] == "-"


def test_every_function_is_listed_once_in_a_narrow_terminal_too() -> None:
    starts = [line.partition(":")[0] for line in render(STRADDLING, 40).splitlines()]
    assert all(starts.count(each.name) == 1 for each in functions(STRADDLING))


def test_no_line_of_a_narrow_terminal_is_too_long() -> None:
    assert all(len(line) <= 40 for line in render(STRADDLING, 40).splitlines())


def test_what_a_patch_has_called_around_it_is_listed() -> None:
    lines = render(load_kernel("tasks", cpus=1, modules=("bytes_tagged",))).splitlines()
    assert "callbacks  buffer_fill_tagged: post_unpatch untag" in lines


def test_a_function_that_is_replaced_at_once_is_marked() -> None:
    image = load_kernel("tasks", cpus=1, modules=("immediate",))
    assert [each.name for each in functions(image) if each.immediate] == ["ticket_take_either"]
    assert "by ticket_take_either at once" in " ".join(render(image).split())
