/*
 * Changing instructions that other CPUs are executing, in the structure of
 * text_poke() in Linux (arch/x86/kernel/alternative.c): instructions are
 * queued in a table, then all of them are replaced in three rounds, with an
 * INT3 in the place of the first byte while the others change.
 * Callers hold text_mutex.
 */
#include "text_poke.h"
#include "percpu.h"
#include "atomic.h"
#include "cpu.h"

struct text_poke_loc text_poke_array[TEXT_POKE_MAX];
u32 text_poke_nr;

/* Not zero: the table may be used by the handler on this CPU. */
DEFINE_PER_CPU_SHARED_ALIGNED(u32, text_poke_refs);

/* 0 leaves the table as it was queued (a bug of v6.16-rc): the search of the handler misses. */
u32 text_poke_sorted __ro_after_init = 1;

/*
 * Writes through the writable mapping of text.  One byte is one MOV, four are
 * one MOV too, but nothing says that another CPU fetches them together.
 */
__inline void text_poke(u64 address, const u8 *code, u32 len)
{
	volatile u8 *alias = (volatile u8 *)text_alias(address);

	if (len == 4) {
		u32 word;

		__builtin_memcpy(&word, code, 4);
		*(volatile u32 *)alias = word;
		return;
	}
	while (len--)
		*alias++ = *code++;
}

/* The displacement the handler adds to the address of the next instruction. */
__inline s32 displacement(const u8 *code)
{
	s32 disp = 0;

	if (code[0] == CALL_OPCODE || code[0] == JMP32_OPCODE)
		__builtin_memcpy(&disp, code + 1, 4);
	else if (code[0] == JMP8_OPCODE)
		disp = (signed char)code[1];
	return disp;
}

/* The opcode the handler acts as: a NOP is a jump to the next instruction. */
__inline u8 emulated_opcode(const u8 *code, u32 len)
{
	switch (code[0]) {
	case INT3_OPCODE:
	case RET_OPCODE:
	case CALL_OPCODE:
	case JMP32_OPCODE:
	case JMP8_OPCODE:
		return code[0];
	}
	guest_assert(is_nop(code, len));
	return JMP32_OPCODE;
}

/*
 * Appends the instruction code, of len bytes, that is to be at address.  The
 * entry is made on the stack and copied, two MOVs, to keep what other CPUs can
 * see of it short.  Linux notes the old byte when it writes the INT3; nobody
 * else can change it in between.
 */
static noinline notrace void text_poke_add(u64 address, const u8 *code, u32 len)
{
	struct text_poke_loc loc = {
		.rel = address - KERNEL_TEXT,
		.disp = displacement(code),
		.len = len,
		.opcode = emulated_opcode(code, len),
		.old = *(volatile u8 *)address,
	};
	u32 nr = text_poke_nr, i;

	for (i = 0; i < len; i++)
		loc.text[i] = code[i];
	text_poke_array[nr] = loc;
	text_poke_nr = nr + 1;
}

/* Queues an instruction; first flushes a table that is full or would lose its order. */
notrace void text_poke_queue(u64 address, const u8 *code, u32 len)
{
	u32 nr = text_poke_nr;
	bool ordered = !nr || !text_poke_sorted ||
		       address > text_poke_address(&text_poke_array[nr - 1]);

	if (nr == TEXT_POKE_MAX || !ordered)
		text_poke_finish();
	text_poke_add(address, code, len);
}

/* Opens the table to the handlers of all CPUs: whoever sees the 1 sees the table. */
static noinline notrace void text_poke_get_refs(void)
{
	u32 cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++)
		smp_store_release(per_cpu_ptr(text_poke_refs, cpu), 1);
}

/* Closes it, and waits for the handlers that are still in it. */
static noinline notrace void text_poke_put_refs(void)
{
	u32 cpu;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		u32 *refs = per_cpu_ptr(text_poke_refs, cpu);

		if (!atomic_dec_and_test(refs))
			while (READ_ONCE(*refs))
				cpu_relax();
	}
}

/* INT3 in the place of every first byte.  One byte: each CPU gets the old instruction or the trap. */
static noinline notrace void text_poke_int3s(void)
{
	static const u8 int3 = INT3_OPCODE;
	u32 nr = text_poke_nr, i;

	for (i = 0; i < nr; i++) {
		u64 address = text_poke_address(&text_poke_array[i]);

		text_poke(address, &int3, 1);
	}
}

/* All but the first bytes: behind an INT3 nobody fetches them. */
static noinline notrace bool text_poke_tails(void)
{
	bool wrote = 0;
	u32 nr = text_poke_nr, i;

	for (i = 0; i < nr; i++) {
		struct text_poke_loc *loc = &text_poke_array[i];

		if (loc->len > 1) {
			text_poke(text_poke_address(loc) + 1, loc->text + 1, loc->len - 1);
			wrote = 1;
		}
	}
	return wrote;
}

/* The first bytes: one byte again, each CPU traps or gets the whole new instruction. */
static noinline notrace bool text_poke_heads(void)
{
	bool wrote = 0;
	u32 nr = text_poke_nr, i;

	for (i = 0; i < nr; i++) {
		struct text_poke_loc *loc = &text_poke_array[i];

		if (loc->text[0] != INT3_OPCODE) {
			text_poke(text_poke_address(loc), loc->text, 1);
			wrote = 1;
		}
	}
	return wrote;
}

/* Replaces all queued instructions. */
__noipa notrace void text_poke_finish(void)
{
	if (!text_poke_nr)
		return;
	text_poke_get_refs();
	smp_wmb();			/* an INT3 that is seen means refs that are seen */
	text_poke_int3s();
	sync_cores();			/* nobody is left with the whole old instruction */
	if (text_poke_tails())
		sync_cores();		/* nobody is left with an old tail */
	if (text_poke_heads())
		sync_cores();		/* nobody is left with an INT3, or in its handler */
	text_poke_put_refs();
	text_poke_nr = 0;
}

/* Queues and replaces one instruction. */
notrace void text_poke_now(u64 address, const u8 *code, u32 len)
{
	text_poke_queue(address, code, len);
	text_poke_finish();
}
