/*
 * Two locks that two subsystems take in different orders, and a third party
 * that makes it fatal.  After kernel/trace/ftrace.c and kernel/kprobes.c before
 * d5b844a2cf50.
 */
#include "history.h"

/* 0: ftrace takes text_mutex around what needs cpu_hotplug_lock. */
u32 ftrace_locks_inside __ro_after_init = 1;

static u32 text_mutex;

/* cpu_hotplug_lock: many readers, or a writer; whoever comes after a writer that waits, waits too. */
static u32 hotplug_readers, hotplug_writer;

__inline void mutex_lock(u32 *mutex)
{
	while (xchg(mutex, 1))
		while (READ_ONCE(*mutex))
			cpu_relax();
}

__inline void mutex_unlock(u32 *mutex)
{
	smp_store_release(mutex, 0);
}

__inline void cpus_read_lock(void)
{
	for (;;) {
		atomic_inc(&hotplug_readers);
		if (!READ_ONCE(hotplug_writer))
			return;
		atomic_dec(&hotplug_readers);
		while (READ_ONCE(hotplug_writer))
			cpu_relax();
	}
}

__inline void cpus_read_unlock(void)
{
	atomic_dec(&hotplug_readers);
}

/* ftrace_run_update_code(): stop_machine() needs to know which CPUs there are. */
notrace void patcher_ftrace_update(void)
{
	forget_cpu();
	if (!ftrace_locks_inside)
		mutex_lock(&text_mutex);
	cpus_read_lock();
	if (ftrace_locks_inside)
		mutex_lock(&text_mutex);
	poke(&poke_batch[0]);
	if (ftrace_locks_inside)
		mutex_unlock(&text_mutex);
	cpus_read_unlock();
	if (!ftrace_locks_inside)
		mutex_unlock(&text_mutex);
}

/* register_kprobe() */
notrace void workload_register_kprobe(void)
{
	forget_cpu();
	cpus_read_lock();
	mutex_lock(&text_mutex);
	mutex_unlock(&text_mutex);
	cpus_read_unlock();
	guest_assert(answer() >= 1);
}

/* cpu_up(): one more CPU. */
notrace void workload_cpu_up(void)
{
	forget_cpu();
	xchg(&hotplug_writer, 1);
	while (READ_ONCE(hotplug_readers))
		cpu_relax();
	smp_store_release(&hotplug_writer, 0);
}
