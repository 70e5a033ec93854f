/*
 * What the kernel and its patches agree on.
 */
#ifndef LOCKS_H
#define LOCKS_H

#include "../lib/spinlock.h"

/* Counters go round, so that a workload in a loop has finitely many states. */
#define COUNT_MASK	3

/* kernel.c */
extern struct spinlock counter_lock;
extern u32	counter;
extern u32	events;
void		counter_step(void);
void		counter_add(void);
void		event_count(void);

#endif
