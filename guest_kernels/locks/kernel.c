/*
 * A kernel with locks, and three ways to get them wrong: a section that a
 * timer interrupt can enter twice, a counter without a lock, and a patch that
 * changes who takes the lock while both kinds of caller are about.
 */
#include "locks.h"
#include "../lib/apic.h"

struct spinlock counter_lock;
u32 counter;				/* under counter_lock */

static struct ticket_lock ticket;
static u32 ticket_counter;		/* under ticket */

u32 events;				/* under nothing: the bug of event_count() */
static u32 workers_done;

/* How many CPUs run workload_event_once(), or workload_ticket_once(); written by the simulator. */
u32 workers __ro_after_init = 2;

/*
 * One step of the counter.  Called with the lock held: two loads with nothing
 * in between differ only if the lock is broken.  (A load after the store would
 * show nothing: this CPU gets its own store back, whatever is in memory.)
 */
__patchable void counter_step(void)
{
	u32 before = READ_ONCE(counter);

	guest_assert(READ_ONCE(counter) == before);
	WRITE_ONCE(counter, (before + 1) & COUNT_MASK);
}

/*
 * The bug: a timer interrupt in here finds the lock held by its own CPU and
 * spins for ever.  Harmless until locks_timer() is the timer handler.
 */
__patchable void counter_add(void)
{
	spin_lock(&counter_lock);
	counter_step();
	spin_unlock(&counter_lock);
}

/* Right: interrupts are off while the lock is held. */
__patchable void counter_add_safely(void)
{
	u64 flags = spin_lock_irqsave(&counter_lock);

	counter_step();
	spin_unlock_irqrestore(&counter_lock, flags);
}

/* For timer_handler.  Interrupts are off here already. */
notrace void locks_timer(void)
{
	spin_lock(&counter_lock);
	counter_step();
	spin_unlock(&counter_lock);
}

/* The other bug: two CPUs load the same value, and one of the two steps is lost. */
__patchable void event_count(void)
{
	WRITE_ONCE(events, READ_ONCE(events) + 1);
}

/* The last of the workers sees that all steps are there.  LOCK XADD: it sees their stores too. */
__inline void worker_done(u32 *steps)
{
	if (fetch_add(&workers_done, 1) + 1 == workers)
		guest_assert(READ_ONCE(*steps) == workers);
}

notrace void workload_counter(void)
{
	forget_cpu();
	for (;;)
		counter_add_safely();
}

notrace void workload_counter_once(void)
{
	forget_cpu();
	counter_add_safely();
}

/* With locks_timer(): counter_add() deadlocks, counter_add_safely() does not. */
notrace void workload_timer(void)
{
	forget_cpu();
	for (;;) {
		apic_timer_arm(1);
		counter_add();
	}
}

notrace void workload_timer_once(void)
{
	forget_cpu();
	apic_timer_arm(1);
	counter_add();
}

notrace void workload_timer_safe_once(void)
{
	forget_cpu();
	apic_timer_arm(1);
	counter_add_safely();
}

notrace void workload_event_once(void)
{
	forget_cpu();
	event_count();
	worker_done(&events);
}

notrace void workload_ticket_once(void)
{
	forget_cpu();
	ticket_lock(&ticket);
	WRITE_ONCE(ticket_counter, READ_ONCE(ticket_counter) + 1);
	ticket_unlock(&ticket);
	worker_done(&ticket_counter);
}

/* Whether the handler below is at work; for one CPU. */
static u32 timer_open;

/*
 * For timer_handler.  Enables interrupts, with the next timer interrupt on its
 * way already: as long as there was no EOI, the local APIC holds it back.
 */
notrace void locks_timer_open(void)
{
	guest_assert(!READ_ONCE(timer_open));
	WRITE_ONCE(timer_open, 1);
	apic_timer_arm(1);
	sti();
	cpu_relax();
	cli();
	WRITE_ONCE(timer_open, 0);
}
