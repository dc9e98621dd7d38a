// Package budget holds what a dialogue with a card may cost, and measures what it does: time, APDUs
// and bytes for each command, each phase and the whole tap. docs/budgets.md specifies the text.
//
//	# tapbench-budget v1
//	command "GENERATE AC" time 120 ms
//	phase initiation bytes 300
//	tap apdus 12
//
//	limits, err := budget.Parse(file)
//	m := budget.NewMeter()
//	for … { m.Step(step) }            // each step of a trace
//	for _, r := range m.Check(limits) {
//		if r.Verdict == budget.Exceeded { … }
//	}
//
// # What is measured
//
// A run of a command is all that it takes: the parts of its chain (CLA bit 10), the GET RESPONSEs
// behind 61xx, the repetition behind 6Cxx. A command's budget holds for each run; the dearest
// counts. Its "runs" are counted in each tap.
//
// A tap begins with the selection before GET PROCESSING OPTIONS and ends before the next selection,
// reset or insertion. The phases selection, initiation, reading and authorisation are measured in
// each tap, the other phases in the whole trace. A trace without a payment is one tap. In all cases
// the dearest counts.
//
// Time is the time of exchanges, without what passed between them. If any exchange of what a time
// budget measures has none, it can't be decided: [Untimed].
//
// [Meter.Limits] makes a budget of what was measured, with a margin.
//
// Everything here is pure. Memory doesn't grow with the dialogue. A Meter belongs to one goroutine.
package budget
