/*
 * The smallest kernel worth patching: functions that return 1, callers that
 * accept 1 or 2.  No data is shared, so all that can go wrong is in the text.
 */
#include "../lib/kgraft.h"
#include "../lib/cpu.h"

/* Patches make them return 2. */
__patchable int question(void)
{
	return opaque(1);
}

__patchable int answer(void)
{
	return opaque(1);
}

__patchable int reason(void)
{
	return opaque(1);
}

/* A whole call: SUB, CMP, JA behind it. */
#define assert_one_or_two(call) do {		\
	int result_ = (call);			\
	guest_assert(result_ == 1 || result_ == 2);	\
} while (0)

notrace void workload_caller(void)
{
	forget_cpu();
	for (;;)
		assert_one_or_two(answer());
}

notrace void workload_caller_once(void)
{
	forget_cpu();
	assert_one_or_two(answer());
}

/* Two calls; the second may not run an older function than the first. */
notrace void workload_caller_twice(void)
{
	int first, second;

	forget_cpu();
	first = answer();
	second = answer();
	guest_assert(1 <= first && first <= second && second <= 2);
}

/* Two places that call the same function, with different addresses to return to. */
notrace void workload_two_callers(void)
{
	forget_cpu();
	for (;;) {
		assert_one_or_two(answer());
		assert_one_or_two(answer());
	}
}

/* Three sites in a row, for batches. */
notrace void workload_batch(void)
{
	forget_cpu();
	for (;;) {
		assert_one_or_two(question());
		assert_one_or_two(answer());
		assert_one_or_two(reason());
	}
}

notrace void workload_batch_once(void)
{
	forget_cpu();
	assert_one_or_two(question());
	assert_one_or_two(answer());
	assert_one_or_two(reason());
}

/* Asks for more than the text can give: both functions old, or both new. */
notrace void workload_pair(void)
{
	forget_cpu();
	for (;;) {
		int q = question(), a = answer();

		guest_assert(q == a);
	}
}

notrace void workload_pair_once(void)
{
	int q, a;

	forget_cpu();
	q = question();
	a = answer();
	guest_assert(q == a);
}

/* Stops between two calls when a patcher asks for it. */
notrace void workload_stoppable(void)
{
	forget_cpu();
	for (;;) {
		assert_one_or_two(answer());
		stop_poll();
	}
}

/* Never answers an IPI; only an NMI gets through. */
notrace void workload_irqs_off(void)
{
	forget_cpu();
	cli();
	for (;;)
		assert_one_or_two(answer());
}

/* One call that no IPI can come into the middle of. */
notrace void workload_irqs_off_once(void)
{
	forget_cpu();
	cli();
	assert_one_or_two(answer());
	sti();
}

/* Waits.  What runs here is the NMI handler, say nmi_run_site() with nmi_target_answer(). */
notrace void workload_nmi_target(void)
{
	forget_cpu();
	for (;;)
		hlt();
}

/* For nmi_target. */
notrace void nmi_target_answer(void)
{
	assert_one_or_two(answer());
}
