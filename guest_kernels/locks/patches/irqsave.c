/*
 * Interrupts off while counter_lock is held: no more deadlock with the timer.
 */
#include "../locks.h"

__patchable void counter_add_irqsave(void)
{
	u64 flags = spin_lock_irqsave(&counter_lock);

	counter_step();
	spin_unlock_irqrestore(&counter_lock, flags);
}

KGR_PATCH(counter_add, counter_add_irqsave);
