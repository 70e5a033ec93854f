/*
 * Pieces of Linux livepatch: replacing a replacement, the end of a transition,
 * and a fork during one.  After kernel/livepatch/ and kernel/fork.c.
 */
#include "history.h"
#include "../lib/spinlock.h"

/* 0 brings a bug back. */
u32 klp_stacks __ro_after_init = 1;
u32 klp_synchronizes __ro_after_init = 1;
u32 klp_fork_copies_flag __ro_after_init = 1;

/* A function is patched, and patched again; without a stack of patches the first has to go first. */
notrace void patcher_repatch(void)
{
	forget_cpu();
	poke(&poke_batch[0]);
	if (!klp_stacks)
		poke(&poke_batch[1]);		/* the NOP */
	poke(&poke_batch[2]);
}

/* --- the end of a transition that takes a patch back --- */

struct klp_func {
	int (*new_func)(void);
	u32 transition;
};

static notrace int removed(void)
{
	return 2;
}

static struct klp_func klp_func = { removed, 1 };
static struct klp_func *func_stack = &klp_func;

/* klp_ftrace_handler(), for a task that is back in the old universe: what it goes on with. */
static noinline notrace int (*klp_choose(void))(void)
{
	struct klp_func *func = READ_ONCE(func_stack);

	if (!func)
		return answer;
	smp_rmb();
	if (READ_ONCE(func->transition))
		return answer;
	return func->new_func;
}

/* Preemption is off in the handler; here interrupts are, so that an IPI waits. */
notrace void workload_klp_handler(void)
{
	forget_cpu();
	for (;;) {
		int (*function)(void);

		cli();
		function = klp_choose();
		sti();
		guest_assert(function != removed);
	}
}

/* klp_complete_transition(): no task needs the new function any more. */
notrace void patcher_unpatch(void)
{
	forget_cpu();
	WRITE_ONCE(func_stack, NULL);
	if (klp_synchronizes)
		sync_cores();			/* nobody is left who has seen it on the stack */
	WRITE_ONCE(klp_func.transition, 0);
	sync_cores();
}

/* --- a fork during a transition that is reversed --- */

enum klp_state { KLP_UNPATCHED, KLP_PATCHED, KLP_UNDEFINED };

struct klp_task {
	u32 pending;				/* TIF_PATCH_PENDING */
	u32 state;				/* enum klp_state */
	u32 listed;
};

static struct klp_task parent = { .listed = 1 };
static struct klp_task child;
static u32 klp_target = KLP_UNDEFINED;
static struct spinlock tasklist_lock;

#define for_each_listed(task)						\
	for ((task) = &parent; (task); (task) = (task) == &parent ? &child : NULL)	\
		if (READ_ONCE((task)->listed))

static noinline notrace void klp_start_transition(u32 target)
{
	struct klp_task *task;

	WRITE_ONCE(klp_target, target);
	spin_lock(&tasklist_lock);
	for_each_listed(task)
		WRITE_ONCE(task->pending, READ_ONCE(task->state) != target);
	spin_unlock(&tasklist_lock);
}

static noinline notrace void klp_clear_pending(void)
{
	struct klp_task *task;

	spin_lock(&tasklist_lock);
	for_each_listed(task)
		WRITE_ONCE(task->pending, 0);
	spin_unlock(&tasklist_lock);
}

static noinline notrace bool klp_all_at(u32 target)
{
	struct klp_task *task;
	bool all = 1;

	spin_lock(&tasklist_lock);
	for_each_listed(task)
		all &= READ_ONCE(task->state) == target;
	spin_unlock(&tasklist_lock);
	return all;
}

static noinline notrace void klp_complete_transition(void)
{
	struct klp_task *task;

	spin_lock(&tasklist_lock);
	for_each_listed(task)
		guest_assert(!READ_ONCE(task->pending));
	spin_unlock(&tasklist_lock);
	WRITE_ONCE(klp_target, KLP_UNDEFINED);
}

/* A patch is enabled, and the operator thinks better of it. */
notrace void patcher_reverse(void)
{
	forget_cpu();
	klp_start_transition(KLP_PATCHED);
	WRITE_ONCE(klp_target, KLP_UNPATCHED);
	klp_clear_pending();
	sync_cores();				/* nobody is left who has seen a flag */
	klp_start_transition(KLP_UNPATCHED);
	while (!klp_all_at(KLP_UNPATCHED))
		cpu_relax();
	klp_complete_transition();
}

/* On the way to user mode; interrupts are off, and nobody waits for this task in the middle. */
static noinline notrace void klp_update_patch_state(struct klp_task *task)
{
	cli();
	if (xchg(&task->pending, 0))
		WRITE_ONCE(task->state, READ_ONCE(klp_target));
	sti();
}

/* copy_process(): the flags of the parent early, its state late.  Then both come by again and again. */
notrace void workload_fork(void)
{
	forget_cpu();
	WRITE_ONCE(child.pending, READ_ONCE(parent.pending));
	spin_lock(&tasklist_lock);
	if (klp_fork_copies_flag)
		WRITE_ONCE(child.pending, READ_ONCE(parent.pending));
	WRITE_ONCE(child.state, READ_ONCE(parent.state));
	WRITE_ONCE(child.listed, 1);
	spin_unlock(&tasklist_lock);
	for (;;) {
		klp_update_patch_state(&parent);
		klp_update_patch_state(&child);
	}
}
