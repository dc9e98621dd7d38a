// Package twintest compares the two secure elements, package emulator and the Java Card applet on
// jCardSim, command by command: the answer's bytes, and the persistent state's.
//
// Words: a [Step] is a command with the number of the draws that both elements take for it, or a
// reset; a dialogue is a list of steps that begins with a fresh element; a seedling is a state that
// an element was in within a dialogue, with the steps that came next; a case is a seedling with its
// steps mutated.
//
// Because every step has draws of its own, a step can be left out without changing what the others
// draw: so a difference is made as short as it gets.
package twintest
