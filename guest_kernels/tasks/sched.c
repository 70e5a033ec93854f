/*
 * A run queue for each CPU, served in turn.  A task gives the CPU up when it
 * leaves the kernel or goes to sleep; nothing is taken from it.
 */
#include "tasks.h"
#include "queue.h"

/* The programs, by CPU.  Written by the simulator; NULL: no such task. */
void (*task_main[MAX_CPUS][TASK_SLOTS])(void) __ro_after_init;
u32 nr_task_cpus __ro_after_init;

struct task tasks[MAX_CPUS][TASK_SLOTS];

/* Held while a task is born or dies, and while all of them are marked. */
struct spinlock tasklist_lock;

/* The task this CPU runs.  The simulator writes the first. */
DEFINE_PER_CPU(struct task *, current_task);

/* What a consistency model does when a CPU passes here; written by the simulator. */
void (*schedule_hook)(void) __ro_after_init = workload_idle;

DEFINE_PER_CPU(struct run_queue, run_queue);
DEFINE_PER_CPU(struct run_queue *, this_queue);
DEFINE_PER_CPU(u64, task_stack_1[TASK_STACK / 8]);
DEFINE_PER_CPU(u64, task_stack_2[TASK_STACK / 8]);

/* What switch_to() takes from a new stack: six registers, RBX last, and where to go on. */
__inline u64 first_frame(u64 *top, void (*program)(void))
{
	u64 *sp = top - 8;

	sp[5] = (u64)program;
	sp[6] = (u64)task_start;
	return (u64)sp;
}

/*
 * Goes on with the next task that can run, perhaps the same.  Waits here, with
 * interrupts on, while there is none.
 */
__noipa notrace void schedule(void)
{
	struct run_queue *queue = this_cpu_read(this_queue);
	u32 old = queue->current, new = old;

	do {
		schedule_hook();
		if (++new >= queue->nr)
			new = 0;
	} while (READ_ONCE(queue->tasks[new].state) != TASK_RUNNING);
	if (new == old)
		return;
	queue->current = new;
	this_cpu_write(current_task, &queue->tasks[new]);
	switch_to(&queue->sp[old], queue->sp[new], new);
}

/* Lets others run, if there are any. */
notrace void yield(void)
{
	if (this_cpu_read(this_queue)->nr > 1)
		schedule();
	else
		schedule_hook();
}

/* A dead task holds nobody up. */
__noipa notrace void task_die(void)
{
	struct task *task = this_cpu_read(current_task);

	spin_lock(&tasklist_lock);
	WRITE_ONCE(task->kgr, 0);
	WRITE_ONCE(task->state, TASK_DEAD);
	spin_unlock(&tasklist_lock);
}

/* Leaves the CPU to others for good. */
notrace void task_exit(void)
{
	task_die();
	for (;;)
		schedule();
}

/* What a CPU runs after boot: its first task on the stack it has, the others when their turn comes. */
notrace void workload_tasks(u64 cpu)
{
	struct run_queue *queue = per_cpu_ptr(run_queue, cpu);
	void (*const *program)(void) = task_main[cpu];

	this_cpu_write(this_queue, queue);
	queue->tasks = tasks[cpu];
	queue->base = PERCPU_BASE + (cpu << PERCPU_SHIFT);
	queue->nr = 1;
	if (program[1]) {
		queue->nr = 2;
		queue->sp[1] = first_frame(stack_top(queue, 1), program[1]);
	}
	if (program[2]) {
		queue->nr = 3;
		queue->sp[2] = first_frame(stack_top(queue, 2), program[2]);
	}
	forget_cpu();
	program[0]();
	task_exit();
}

/* Whether a new task begins with the flags of its parent; 0 is a bug. */
u32 fork_inherits __ro_after_init = 1;

/* The lock: nobody marks one of the two and not the other. */
__inline void give_birth(struct task *child, const struct task *parent)
{
	spin_lock(&tasklist_lock);
	WRITE_ONCE(child->kgr, fork_inherits ? READ_ONCE(parent->kgr) : 0);
	WRITE_ONCE(child->state, TASK_RUNNING);
	spin_unlock(&tasklist_lock);
}

/* The child is the last task of this CPU, which has been waiting for its birth. */
__noipa notrace long task_fork(void)
{
	struct run_queue *queue = this_cpu_read(this_queue);

	give_birth(&queue->tasks[queue->nr - 1], this_cpu_read(current_task));
	return 1;
}

/* A CPU comes up: its first task is the child of the first task of all. */
notrace void task_bring_up(void)
{
	give_birth(this_cpu_read(current_task), &tasks[0][0]);
}

/*
 * Sleeps until somebody has set the event of this task.  XCHG: the state is
 * visible before the event is looked at, or a wake-up in between is lost.
 */
__noipa notrace long wait_event(void)
{
	struct task *task = this_cpu_read(current_task);
	long result = 0;

	for (;;) {
		xchg(&task->state, TASK_SLEEPING);
		if (READ_ONCE(task->event))
			break;
		if (READ_ONCE(task->signal)) {
			result = -1;
			break;
		}
		schedule();
	}
	WRITE_ONCE(task->state, TASK_RUNNING);
	WRITE_ONCE(task->event, 0);
	WRITE_ONCE(task->signal, 0);
	return result;
}

/* Sets the event of a task; stores stay in order. */
notrace void wake_up(struct task *task)
{
	WRITE_ONCE(task->event, 1);
	WRITE_ONCE(task->state, TASK_RUNNING);
}
