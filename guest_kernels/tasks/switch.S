/*
 * The context switch.  What a C function must preserve goes to the old stack,
 * and comes from the new one; the rest is dead at a call.
 */
	.text
	.globl	switch_to
	.type	switch_to, @function
	.p2align 4
/* switch_to(save, load, slot): RSP to *save, then RSP from load. */
switch_to:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	testl	%edx, %edx
	jz	task_slot_0
	cmpl	$1, %edx
	je	task_slot_1
	.globl	task_slot_2
task_slot_2:				/* each task has its own way in: that is how a trace knows it */
	popq	%r15
	jmp	1f
	.globl	task_slot_1
task_slot_1:
	popq	%r15
	jmp	1f
	.globl	task_slot_0
task_slot_0:
	popq	%r15
1:	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	switch_to, . - switch_to

/* Where a new task begins: its program is in RBX. */
	.globl	task_start
	.type	task_start, @function
	.p2align 4
task_start:
	call	*%rbx
	call	task_exit
	.size	task_start, . - task_start

	.section .note.GNU-stack, "", @progbits
