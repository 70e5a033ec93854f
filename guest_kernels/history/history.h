/*
 * What the files of this kernel share.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "../lib/kgraft.h"
#include "../lib/atomic.h"
#include "../lib/cpu.h"
#include "../lib/percpu.h"
#include "../lib/text_poke.h"

/* kernel.c */
int		answer(void);
int		probe(void);
int		int3_probe(struct pt_regs *regs);
void		run_answer(void);
void		poke(const struct poke_desc *desc);
void		poke_jump(const struct poke_desc *desc);

/* LOCK CMPXCHG; says whether the value was old and is new now. */
__inline bool cmpxchg(u32 *v, u32 old, u32 new)
{
	bool done;

	__asm__ volatile("lock cmpxchgl %3, %1" : "=@ccz"(done), "+m"(*v), "+a"(old) : "r"(new) : "memory");
	return done;
}

#endif
