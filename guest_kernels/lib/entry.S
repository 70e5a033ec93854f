/*
 * Where a CPU starts, and where interrupts and exceptions enter.
 *
 * All gates are interrupt gates: the processor has pushed SS, RSP, RFLAGS, CS,
 * RIP (and for some exceptions an error code) on the current stack, or on the
 * IST stack the gate names, and has cleared IF.  No stub enables it again
 * before its IRETQ.  None of this code may ever be patched: the handlers that
 * make patching safe run through it.
 */
#include "x86.h"

/* An indirect branch leads here: ENDBR64 where the compiler is told to emit it. */
#ifdef __CET__
#define ENDBR endbr64
#else
#define ENDBR
#endif

.macro FUNCTION name
	.globl	\name
	.type	\name, @function
	.p2align 4
\name:
	ENDBR
.endm

.macro END name
	.size	\name, . - \name
.endm

/* What a C function may overwrite. */
.macro PUSH_CALLER_SAVED
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
.endm

.macro POP_CALLER_SAVED
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
.endm

/* Tells the local APIC that the interrupt is handled.  Overwrites RAX, RCX, RDX. */
.macro APIC_EOI
	movl	$MSR_X2APIC_EOI, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
.endm

	.text

/*
 * Every CPU starts here: RDI its number, RSP the top of its main stack,
 * interrupts off, all else zero.  Boot is over at cpu_ready; the entry of a
 * CPU that returns leaves it idle, with interrupts on, at cpu_done.
 * What boot_cpu() left in registers is cleared, lest it tell CPUs apart.
 */
FUNCTION startup_64
	pushq	%rdi
	call	boot_cpu
	popq	%rdi
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	sti
	.globl	cpu_ready
cpu_ready:
	call	*cpu_entry(, %rdi, 8)
	.globl	cpu_done
cpu_done:
	hlt
	jmp	cpu_done
END startup_64

/*
 * #BP.  int3_handler gets all registers as a struct pt_regs it may change.
 * To emulate CALL it pushes on the stack that was interrupted, exactly where
 * the processor has put the frame; so the frame is copied 48 bytes further
 * down first, and IRETQ takes the copy.  (With an IST stack for #BP there is
 * nothing in the way, and the gap does no harm.)
 */
FUNCTION entry_bp
	pushq	$-1			/* orig_ax */
	.rept	6
	pushq	5*8(%rsp)		/* ss, rsp, rflags, cs, rip, orig_ax */
	.endr
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	call	*int3_handler(%rip)
	testl	%eax, %eax
	jz	1f
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$8, %rsp		/* orig_ax */
	iretq
1:	movq	%rsp, %rdi		/* nobody's breakpoint */
	call	die_int3
END entry_bp

/*
 * NMI.  Runs on its IST stack, from the top: a second NMI inside this one
 * would overwrite the frame.  The processor blocks it until the next IRETQ,
 * which may be that of a #BP taken in nmi_handler.
 */
FUNCTION entry_nmi
	PUSH_CALLER_SAVED
	call	*nmi_handler(%rip)
	POP_CALLER_SAVED
	iretq
END entry_nmi

/*
 * The IPI by which a patcher makes this CPU forget fetched instructions.  The
 * patcher goes on as soon as it sees sync_acks, so the IRETQ to the next line
 * comes before the increment; the one at the end would be too late.
 */
FUNCTION entry_sync
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	APIC_EOI
	pushq	$KERNEL_DS
	pushq	%rsp
	addq	$8, (%rsp)
	pushfq
	pushq	$KERNEL_CS
	pushq	$1f
	iretq
1:	lock incl sync_acks(%rip)
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq
END entry_sync

/* The local timer.  Its EOI comes last, so it cannot nest even in a handler that enables interrupts. */
FUNCTION entry_timer
	PUSH_CALLER_SAVED
	call	*timer_handler(%rip)
	APIC_EOI
	POP_CALLER_SAVED
	iretq
END entry_timer

/* The IPI that parks this CPU while another one patches. */
FUNCTION entry_stop
	PUSH_CALLER_SAVED
	APIC_EOI
	call	stop_interrupt
	POP_CALLER_SAVED
	iretq
END entry_stop

/* Exceptions nobody recovers from.  An error code stays on the stack. */
.macro FATAL name vector
FUNCTION \name
	movl	$\vector, %edi
	call	die
END \name
.endm

FATAL entry_de VECTOR_DE
FATAL entry_ud VECTOR_UD
FATAL entry_df VECTOR_DF
FATAL entry_gp VECTOR_GP
FATAL entry_pf VECTOR_PF

	.section .note.GNU-stack, "", @progbits
