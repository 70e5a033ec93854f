/*
 * The flag that says which functions a task runs, and where it changes.
 */
#include "tasks.h"

/* What becomes of a flag at a safe point: 0 forward, KGR_OLD when a patch is taken back half-way. */
u32 kgr_goal;

/*
 * The store is made with interrupts off: whoever has had an answer from every
 * CPU knows that none is about to store a goal it read before.
 */
static noinline notrace void change_over(struct task *task)
{
	u64 flags = irq_save();

	if (READ_ONCE(task->kgr) & KGR_PENDING)
		xchg(&task->kgr, READ_ONCE(kgr_goal));
	irq_restore(flags);
}

/* The current task stands where it is in no function that could be patched. */
notrace void kgr_task_safe(void)
{
	struct task *task = this_cpu_read(current_task);

	if (READ_ONCE(task->kgr) & KGR_PENDING)
		change_over(task);
}

/* From now on every task runs old functions, and tasks born later inherit that. */
notrace void kgr_mark(void)
{
	u32 cpu, slot;

	spin_lock(&tasklist_lock);
	for_each_task(cpu, slot)
		if (READ_ONCE(tasks[cpu][slot].state) != TASK_DEAD)
			xchg(&tasks[cpu][slot].kgr, KGR_OLD);
	spin_unlock(&tasklist_lock);
}

/* From now on a task changes over at its next safe point. */
notrace void kgr_start(void)
{
	u32 cpu, slot;

	spin_lock(&tasklist_lock);
	for_each_task(cpu, slot)
		if (READ_ONCE(tasks[cpu][slot].kgr))
			xchg(&tasks[cpu][slot].kgr, KGR_OLD | KGR_PENDING);
	spin_unlock(&tasklist_lock);
}

/*
 * Waits until no task runs old functions any more.  None goes back, and a child
 * that inherits the flag stands behind its parent in the list.
 */
notrace void kgr_wait(void)
{
	u32 cpu, slot;

	for_each_task(cpu, slot)
		while (READ_ONCE(tasks[cpu][slot].kgr) & KGR_OLD)
			cpu_relax();
}

/* Waits until every task has come by a safe point, without any change of functions. */
notrace void kgr_quiesce(void)
{
	u32 cpu, slot;

	spin_lock(&tasklist_lock);
	for_each_task(cpu, slot)
		if (READ_ONCE(tasks[cpu][slot].state) != TASK_DEAD)
			xchg(&tasks[cpu][slot].kgr, KGR_PENDING);
	spin_unlock(&tasklist_lock);
	for_each_task(cpu, slot)
		while (READ_ONCE(tasks[cpu][slot].kgr))
			cpu_relax();
}

/* Tasks that sleep where they may be interrupted leave the kernel, with -EINTR. */
notrace void kgr_signal(void)
{
	u32 cpu, slot;

	for_each_task(cpu, slot) {
		struct task *task = &tasks[cpu][slot];

		xchg(&task->signal, 1);
		if (READ_ONCE(task->state) == TASK_SLEEPING)
			WRITE_ONCE(task->state, TASK_RUNNING);
	}
}

/* Every task is new from now on, wherever it stands. */
notrace void kgr_force(void)
{
	u32 cpu, slot;

	for_each_task(cpu, slot)
		xchg(&tasks[cpu][slot].kgr, 0);
}

/* Whether the goal is settled before it is acted upon; 0 is a bug. */
u32 kgr_settles_goal __ro_after_init = 1;

/*
 * Tasks that are new become old again, at their next safe point, and those that
 * are old stay so.  Returns when all are.
 */
notrace void kgr_turn_back(void)
{
	u32 cpu, slot;

	WRITE_ONCE(kgr_goal, KGR_OLD);
	smp_mb();
	if (kgr_settles_goal)
		sync_cores();		/* nobody is about to store the goal it was */
	spin_lock(&tasklist_lock);
	for_each_task(cpu, slot)
		if (READ_ONCE(tasks[cpu][slot].state) != TASK_DEAD && !READ_ONCE(tasks[cpu][slot].kgr))
			xchg(&tasks[cpu][slot].kgr, KGR_PENDING);
	spin_unlock(&tasklist_lock);
	for_each_task(cpu, slot)
		while (READ_ONCE(tasks[cpu][slot].kgr) == KGR_PENDING)
			cpu_relax();
}
