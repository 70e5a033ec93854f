/*
 * #BP through a chain of notifiers, which a patcher's handler joins late.
 * After arch/x86/kernel/alternative.c before 17f41571bb2c, which registered
 * itself in an initcall; the first jump labels were changed before.
 */
#include "history.h"

struct notifier {
	int (*call)(struct pt_regs *regs);
	const struct notifier *next;
};

static const struct notifier poke_notifier = { int3_text_poke, NULL };

static const struct notifier *die_chain;

/* For int3_handler: asks everybody who is on the chain. */
notrace int int3_notify_die(struct pt_regs *regs)
{
	const struct notifier *notifier;

	for (notifier = READ_ONCE(die_chain); notifier; notifier = notifier->next)
		if (notifier->call(regs))
			return 1;
	return 0;
}

/* A boot in which a jump label is switched before the initcalls run. */
notrace void patcher_boot(void)
{
	forget_cpu();
	poke(&poke_batch[0]);
	smp_store_release(&die_chain, &poke_notifier);
}
