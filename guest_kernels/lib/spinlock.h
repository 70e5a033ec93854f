/*
 * Spinlocks: a test-and-set lock, and a ticket lock.
 */
#ifndef SPINLOCK_H
#define SPINLOCK_H

#include "atomic.h"
#include "cpu.h"

/* One word, 1 while held.  Unfair, but the smallest state there is. */
struct spinlock {
	u32 locked;
};

/*
 * XCHG stores 1 and returns what was there, in one locked operation; nobody
 * else can see the lock free in between.  While it is held by another CPU the
 * inner loop only reads, which keeps the lock's cache line shared.
 */
__inline void spin_lock(struct spinlock *lock)
{
	while (xchg(&lock->locked, 1))
		while (READ_ONCE(lock->locked))
			cpu_relax();
}

/* A plain MOV: x86 keeps stores in order, so what was written inside is visible first. */
__inline void spin_unlock(struct spinlock *lock)
{
	smp_store_release(&lock->locked, 0);
}

/* Interrupts off first, or a handler that wants the lock finds it held by the CPU it runs on. */
__inline u64 spin_lock_irqsave(struct spinlock *lock)
{
	u64 flags = irq_save();

	spin_lock(lock);
	return flags;
}

__inline void spin_unlock_irqrestore(struct spinlock *lock, u64 flags)
{
	spin_unlock(lock);
	irq_restore(flags);
}

/*
 * Served in the order of arrival.  The tickets count up without end, so the
 * states of a workload that takes one in a loop do too; take it once.
 */
struct ticket_lock {
	u32 next;			/* the ticket to be handed out */
	u32 owner;			/* the ticket that holds the lock */
};

/* LOCK XADD draws a ticket; nobody draws the same one. */
__inline void ticket_lock(struct ticket_lock *lock)
{
	u32 ticket = fetch_add(&lock->next, 1);

	while (READ_ONCE(lock->owner) != ticket)
		cpu_relax();
}

/* Only the holder writes owner, so a plain store will do. */
__inline void ticket_unlock(struct ticket_lock *lock)
{
	smp_store_release(&lock->owner, lock->owner + 1);
}

#endif
