/*
 * Replacing the first instruction of several functions at once: INT3, the
 * tail, the first byte, as text_poke() does, from a table that says what each
 * site goes through.  The handler acts as the version that is being written.
 */
#include "tasks.h"
#include "../lib/text_poke.h"

struct kgr_func kgr_funcs[KGR_FUNCS] __ro_after_init;
u32 kgr_nr_funcs __ro_after_init;
u32 kgr_nr_versions __ro_after_init;

/* The version that is being written, or was written last. */
static u32 kgr_version;

/* The #BP handler: every site leads on where its new version does. */
notrace int int3_kgr(struct pt_regs *regs)
{
	u32 version = READ_ONCE(kgr_version), i;

	for (i = 0; i < kgr_nr_funcs; i++)
		if (regs->ip - INT3_SIZE == kgr_funcs[i].site) {
			regs->ip = kgr_funcs[i].target[version];
			return 1;
		}
	return 0;
}

__inline bool is_body(const struct kgr_func *func, u32 version)
{
	return func->target[version] == func->site + SITE_SIZE;
}

/* MFENCE: Linux serializes after each write, as it switches to the writable mapping and back. */
__inline void write_head(const struct kgr_func *func, u8 opcode)
{
	*(volatile u8 *)text_alias(func->site) = opcode;
	smp_mb();
}

/* The displacement of the JMP; of the NOP, 0f 1f 44 00 00, the last four bytes. */
__inline void write_tail(const struct kgr_func *func, u32 version)
{
	s32 tail = is_body(func, version) ? 0x0000441f : (s32)(func->target[version] - (func->site + SITE_SIZE));

	*(volatile s32 *)text_alias(func->site + 1) = tail;
	smp_mb();
}

__inline u8 head(const struct kgr_func *func, u32 version)
{
	return is_body(func, version) ? 0x0f : JMP32_OPCODE;
}

/* Writes a version into every site, while all CPUs run through them. */
notrace void kgr_poke(u32 version)
{
	u32 i;

	WRITE_ONCE(kgr_version, version);
	smp_mb();
	for (i = 0; i < kgr_nr_funcs; i++)
		write_head(&kgr_funcs[i], INT3_OPCODE);
	sync_cores();
	for (i = 0; i < kgr_nr_funcs; i++)
		write_tail(&kgr_funcs[i], version);
	sync_cores();
	for (i = 0; i < kgr_nr_funcs; i++)
		write_head(&kgr_funcs[i], head(&kgr_funcs[i], version));
	sync_cores();
}

/* The same where nobody can be looking: all other CPUs stand still. */
notrace void kgr_write(u32 version)
{
	u32 i;

	for (i = 0; i < kgr_nr_funcs; i++) {
		write_tail(&kgr_funcs[i], version);
		write_head(&kgr_funcs[i], head(&kgr_funcs[i], version));
	}
}
