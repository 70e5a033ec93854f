/*
 * What the processor defines: selectors, vectors, MSRs, flags, opcodes.
 * Plain numbers only, because entry.S includes it too.
 */
#ifndef X86_H
#define X86_H

#define KERNEL_CS		0x10
#define KERNEL_DS		0x18
#define TSS_SELECTOR		0x20

#define VECTOR_DE		0
#define VECTOR_NMI		2
#define VECTOR_BP		3
#define VECTOR_UD		6
#define VECTOR_DF		8
#define VECTOR_GP		13
#define VECTOR_PF		14
#define VECTOR_TIMER		0xec		/* LOCAL_TIMER_VECTOR in Linux */
#define VECTOR_STOP		0xf8
#define VECTOR_SYNC		0xfb		/* CALL_FUNCTION_VECTOR in Linux */

#define MSR_X2APIC_EOI		0x80b
#define MSR_X2APIC_ICR		0x830
#define MSR_X2APIC_TIMER_COUNT	0x838
#define MSR_GS_BASE		0xc0000101

#define ICR_ALL_BUT_SELF	0xc0000		/* destination shorthand */
#define ICR_NMI			0x00400		/* delivery mode; 0 is fixed */

#define FLAGS_IF		0x200

#define INT3_OPCODE		0xcc
#define RET_OPCODE		0xc3
#define CALL_OPCODE		0xe8
#define JMP32_OPCODE		0xe9
#define JMP8_OPCODE		0xeb

#define INT3_SIZE		1
#define SITE_SIZE		5		/* call __fentry__, the NOP it becomes, JMP rel32 */

#endif
