/*
 * The table of instructions being replaced: text_poke.c writes it, text_poke_int3.c reads it.
 */
#ifndef TEXT_POKE_H
#define TEXT_POKE_H

#include "kgraft.h"

#define TEXT_POKE_MAX	8

/* One instruction to be replaced: 16 bytes, as in Linux. */
struct text_poke_loc {
	s32 rel;		/* its address, from the start of kernel text */
	s32 disp;		/* of the new CALL or JMP */
	u8 len;
	u8 opcode;		/* how the handler acts; not text[0] for a NOP */
	u8 text[SITE_SIZE];	/* the new instruction */
	u8 old;			/* the first byte of the old one */
};

extern struct text_poke_loc text_poke_array[TEXT_POKE_MAX];
extern u32 text_poke_nr;
extern u32 text_poke_refs;		/* per CPU */

__inline u64 text_poke_address(const struct text_poke_loc *loc)
{
	return KERNEL_TEXT + loc->rel;
}

/* Where the text at address can be written. */
__inline u64 text_alias(u64 address)
{
	if (address >= MODULE_TEXT)
		return address - MODULE_TEXT + MODULE_TEXT_ALIAS;
	return address - KERNEL_TEXT + KERNEL_TEXT_ALIAS;
}

/* The 5-byte NOP that stands in a patch site, or the 2-byte one of a jump label. */
__inline bool is_nop(const u8 *code, u32 len)
{
	return (len == 5 && code[0] == 0x0f && code[1] == 0x1f) ||
	       (len == 2 && code[0] == 0x66 && code[1] == 0x90);
}

#endif
