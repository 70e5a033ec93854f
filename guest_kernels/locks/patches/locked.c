/*
 * The missing lock of event_count().  Good once no CPU is in the old function
 * any more; one that is may still lose a step of the new one.
 */
#include "../locks.h"

static struct spinlock events_lock;

__patchable void event_count_locked(void)
{
	u64 flags = spin_lock_irqsave(&events_lock);

	WRITE_ONCE(events, READ_ONCE(events) + 1);
	spin_unlock_irqrestore(&events_lock, flags);
}

KGR_PATCH(event_count, event_count_locked);
