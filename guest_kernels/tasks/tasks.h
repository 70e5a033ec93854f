/*
 * Tasks, and what every consistency model knows of them.
 *
 * A task belongs to one CPU and never leaves it.  What others may look at is
 * in struct task; its stack and its place in the run queue are private to its
 * CPU.  User code is guest code that calls entry_syscall().
 */
#ifndef TASKS_H
#define TASKS_H

#include "../lib/kgraft.h"
#include "../lib/atomic.h"
#include "../lib/cpu.h"
#include "../lib/percpu.h"
#include "../lib/spinlock.h"

#define TASK_SLOTS	3		/* tasks of a CPU; the first has the CPU's main stack */
#define TASK_STACK	0x400		/* bytes of each other one */
#define MAIN_STACK_TOP	0x8000

enum task_state { TASK_RUNNING, TASK_SLEEPING, TASK_DEAD };

/* struct task.kgr.  Both together are the in-progress flag of kGraft. */
#define KGR_OLD		1		/* runs old functions */
#define KGR_PENDING	2		/* changes over at its next safe point */

struct task {
	u32 kgr;
	u32 state;			/* enum task_state */
	u32 signal;			/* to be woken from an interruptible sleep */
	u32 event;			/* what wait_event() waits for */
};

/* sched.c */
extern struct task tasks[MAX_CPUS][TASK_SLOTS];
extern void	(*task_main[MAX_CPUS][TASK_SLOTS])(void);
extern u32	nr_task_cpus;
extern struct spinlock	tasklist_lock;
extern struct task	*current_task;	/* per CPU */
extern void	(*schedule_hook)(void);
void		workload_tasks(u64 cpu);
void		schedule(void);
void		yield(void);
void		task_die(void);
void		task_exit(void) __noreturn;
long		task_fork(void);
void		task_bring_up(void);
long		wait_event(void);
void		wake_up(struct task *task);

/* stacks.c */
struct task	*task_in(u32 slot);
bool		task_holds(u32 slot, u64 start, u64 end);

/* switch.S */
void		switch_to(u64 *save, u64 load, u64 slot);
void		task_start(void);

/* syscall.c */
long		entry_syscall(u64 nr, u64 arg);
void		exit_to_user(void);
void		task_safe(void);

/* universe.c */
extern u32	kgr_goal;
void		kgr_task_safe(void);
void		kgr_mark(void);
void		kgr_start(void);
void		kgr_wait(void);
void		kgr_quiesce(void);
void		kgr_turn_back(void);
void		kgr_signal(void);
void		kgr_force(void);

/* interrupt.c */
extern u32	in_interrupt;		/* per CPU */
extern u32	irq_patch;		/* per CPU */
extern u32	kgr_irq_patch;
void		tick(void);

/* callbacks.c */
#define KGR_PATCHES	5

/* What is done around a transition, and whose callback it is in Linux.  NULL: nothing. */
struct kgr_hooks {
	long (*check)(void);		/* pre_patch: not 0 refuses the patch */
	void (*before)(void);		/* pre_unpatch */
	void (*after)(void);		/* post_patch, post_unpatch */
	void (*undone)(void);		/* post_unpatch, of a patch that is taken back half-way */
};

extern struct kgr_hooks	kgr_hooks[KGR_PATCHES + 1];
extern u32	kgr_refused;
bool		kgr_begin(u32 patch);
void		kgr_end(u32 patch);
void		kgr_undone(u32 patch);

/* text.c */
#define KGR_FUNCS	4
#define KGR_VERSIONS	6

/* A function that is patched: its site, and for each version of that, where it leads and what it replaces. */
struct kgr_func {
	u64 site;
	u64 target[KGR_VERSIONS];	/* the address behind the site: a NOP */
	u64 start[KGR_VERSIONS];	/* the function that was in force before, */
	u64 end[KGR_VERSIONS];		/* for checks of stacks */
};

extern struct kgr_func	kgr_funcs[KGR_FUNCS];
extern u32	kgr_nr_funcs;
extern u32	kgr_nr_versions;
int		int3_kgr(struct pt_regs *regs);
void		kgr_poke(u32 version);
void		kgr_write(u32 version);

/* A lock that others run under: who finds it taken lets them. */
__inline void mutex_lock(u32 *mutex)
{
	while (xchg(mutex, 1))
		schedule();
}

__inline void mutex_unlock(u32 *mutex)
{
	smp_store_release(mutex, 0);
}

#define for_each_task(cpu, slot)					\
	for ((cpu) = 0; (cpu) < nr_task_cpus; (cpu)++)			\
		for ((slot) = 0; (slot) < TASK_SLOTS; (slot)++)		\
			if (task_main[cpu][slot])

#endif
