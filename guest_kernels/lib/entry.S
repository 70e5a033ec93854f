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

/* The .cfi lines tell a debugger how to get from a handler to what it interrupted. */
	.cfi_sections .debug_frame

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
	.cfi_startproc
	ENDBR
.endm

.macro END name
	.cfi_endproc
	.size	\name, . - \name
.endm

/* A function that the processor enters: its frame, SS to RIP, is on the stack, and an error code for some. */
.macro HANDLER name error=0
FUNCTION \name
	.cfi_signal_frame
	.cfi_def_cfa rsp, 40 + \error
	.cfi_offset rip, -40
	.cfi_offset rsp, -16
.endm

.macro PUSH register
	pushq	%\register
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \register, 0
.endm

.macro POP register
	popq	%\register
	.cfi_adjust_cfa_offset -8
	.cfi_restore \register
.endm

/* What a C function may overwrite. */
.macro PUSH_CALLER_SAVED
	PUSH	rax
	PUSH	rcx
	PUSH	rdx
	PUSH	rsi
	PUSH	rdi
	PUSH	r8
	PUSH	r9
	PUSH	r10
	PUSH	r11
.endm

.macro POP_CALLER_SAVED
	POP	r11
	POP	r10
	POP	r9
	POP	r8
	POP	rdi
	POP	rsi
	POP	rdx
	POP	rcx
	POP	rax
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
	.cfi_undefined rip
	PUSH	rdi
	call	boot_cpu
	POP	rdi
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
HANDLER entry_bp
	pushq	$-1			/* orig_ax */
	.cfi_adjust_cfa_offset 8
	.rept	6
	pushq	5*8(%rsp)		/* ss, rsp, rflags, cs, rip, orig_ax */
	.cfi_adjust_cfa_offset 8
	.endr
	.cfi_def_cfa_offset 48		/* the copy counts */
	PUSH	rdi
	PUSH	rsi
	PUSH	rdx
	PUSH	rcx
	PUSH	rax
	PUSH	r8
	PUSH	r9
	PUSH	r10
	PUSH	r11
	PUSH	rbx
	PUSH	rbp
	PUSH	r12
	PUSH	r13
	PUSH	r14
	PUSH	r15
	movq	%rsp, %rdi
	call	*int3_handler(%rip)
	testl	%eax, %eax
	jz	1f
	.cfi_remember_state
	POP	r15
	POP	r14
	POP	r13
	POP	r12
	POP	rbp
	POP	rbx
	POP	r11
	POP	r10
	POP	r9
	POP	r8
	POP	rax
	POP	rcx
	POP	rdx
	POP	rsi
	POP	rdi
	addq	$8, %rsp		/* orig_ax */
	.cfi_adjust_cfa_offset -8
	iretq
	.cfi_restore_state
1:	movq	%rsp, %rdi		/* nobody's breakpoint */
	call	die_int3
END entry_bp

/*
 * NMI.  Runs on its IST stack, from the top: a second NMI inside this one
 * would overwrite the frame.  The processor blocks it until the next IRETQ,
 * which may be that of a #BP taken in nmi_handler.
 */
HANDLER entry_nmi
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
HANDLER entry_sync
	PUSH	rax
	PUSH	rcx
	PUSH	rdx
	APIC_EOI
	pushq	$KERNEL_DS
	.cfi_adjust_cfa_offset 8
	pushq	%rsp
	.cfi_adjust_cfa_offset 8
	addq	$8, (%rsp)
	pushfq
	.cfi_adjust_cfa_offset 8
	pushq	$KERNEL_CS
	.cfi_adjust_cfa_offset 8
	pushq	$1f
	.cfi_adjust_cfa_offset 8
	iretq
	.cfi_adjust_cfa_offset -40
1:	lock incl sync_acks(%rip)
	POP	rdx
	POP	rcx
	POP	rax
	iretq
END entry_sync

/* The local timer.  Its EOI comes last, so it cannot nest even in a handler that enables interrupts. */
HANDLER entry_timer
	PUSH_CALLER_SAVED
	call	*timer_handler(%rip)
	APIC_EOI
	POP_CALLER_SAVED
	iretq
END entry_timer

/* The IPI that parks this CPU while another one patches. */
HANDLER entry_stop
	PUSH_CALLER_SAVED
	APIC_EOI
	call	stop_interrupt
	POP_CALLER_SAVED
	iretq
END entry_stop

/* Exceptions nobody recovers from.  An error code stays on the stack. */
.macro FATAL name vector error=0
HANDLER \name \error
	movl	$\vector, %edi
	call	die
END \name
.endm

FATAL entry_de VECTOR_DE
FATAL entry_ud VECTOR_UD
FATAL entry_df VECTOR_DF error=8
FATAL entry_gp VECTOR_GP error=8
FATAL entry_pf VECTOR_PF error=8

	.section .note.GNU-stack, "", @progbits
