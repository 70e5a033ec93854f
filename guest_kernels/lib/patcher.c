/*
 * A CPU that patches: replaces the instructions of a list the simulator has
 * written, then returns.  Two may run at once, each with a part of the list.
 */
#include "atomic.h"
#include "cpu.h"

/* What to replace: as in poke_desc, any order. */
struct poke_desc poke_batch[8] __ro_after_init;
u32 poke_batch_len __ro_after_init;

/* Where the part of the second patcher begins. */
u32 poke_batch_split __ro_after_init;

/* 0: text_mutex is not taken. */
u32 text_poke_locked __ro_after_init = 1;

static u32 text_mutex;

/*
 * XCHG until it was free.  Interrupts stay on: the owner may be waiting for
 * this CPU to answer VECTOR_SYNC.
 */
static notrace void text_mutex_lock(void)
{
	if (!text_poke_locked)
		return;
	while (xchg(&text_mutex, 1))
		while (READ_ONCE(text_mutex))
			cpu_relax();
}

/* A plain MOV: earlier stores are visible before it. */
static notrace void text_mutex_unlock(void)
{
	if (text_poke_locked)
		smp_store_release(&text_mutex, 0);
}

/* Makes the instruction a descriptor asks for: NOP5, JMP rel32 or CALL rel32. */
static notrace void encode(u8 *code, const struct poke_desc *desc)
{
	s32 disp = desc->target - (desc->site + SITE_SIZE);

	if (desc->kind == POKE_NOP) {
		__builtin_memcpy(code, "\x0f\x1f\x44\x00\x00", SITE_SIZE);
		return;
	}
	code[0] = desc->kind == POKE_CALL ? CALL_OPCODE : JMP32_OPCODE;
	__builtin_memcpy(code + 1, &disp, 4);
}

static notrace void patch(u32 first, u32 end)
{
	u8 code[SITE_SIZE];
	u32 i;

	text_mutex_lock();
	for (i = first; i < end; i++) {
		encode(code, &poke_batch[i]);
		text_poke_queue(poke_batch[i].site, code, SITE_SIZE);
	}
	text_poke_finish();
	text_mutex_unlock();
}

notrace void patcher_main(void)
{
	forget_cpu();
	patch(0, poke_batch_len);
}

/* One of two patchers: the list up to poke_batch_split. */
notrace void patcher_first(void)
{
	forget_cpu();
	patch(0, poke_batch_split);
}

/* The other: the rest. */
notrace void patcher_second(void)
{
	forget_cpu();
	patch(poke_batch_split, poke_batch_len);
}
