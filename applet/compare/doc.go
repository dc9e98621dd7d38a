// Package compare says in what two dialogues with a card differ, by meaning: it aligns their
// exchanges and names the data elements that aren't the same.
//
//	a, err := trace.NewReader(one)
//	b, err := trace.NewReader(other)
//	summary, err := compare.Dialogues(a, b, func(e compare.Event) error {
//		for _, x := range e.Elements {
//			fmt.Println(e.A.Line, e.B.Line, x.Tag, x.Name, x.Verdict)
//		}
//		return nil
//	})
//	if summary.Agree() { … }
//
// # What is compared
//
// Two exchanges are the same question if command, parameters (P1 and P2; for SELECT the name too)
// and selected application are. They are aligned so that as many questions as possible meet, best
// with the same answer: the heads of both dialogues while they agree, and where they don't, a
// longest common subsequence of at most [Window] exchanges of each. What has no partner is in one
// dialogue only; what has its like elsewhere in the same stretch is [Moved].
//
// Of two exchanges that met, each data element gets a [Verdict]. What must vary from run to run is
// told from what differs: the reason is the meaning of the element (decode.Variation) or the mark
// that the trace puts on the bytes. Stand-ins differ from file to file. Bytes that a trace doesn't
// hold agree with all bytes of the same number.
//
// Answer to reset and protocol are compared, if both traces name them. The reader's name and the
// times are told and are no difference.
//
// # Limits
//
// Memory is that of the window, however long the dialogues: at most 1,024 exchanges and 16 MiB of
// APDUs of each. An exchange that moved further than the window reaches is one that is missing and
// one that is new.
//
// [Against] compares one exchange of a trace with what a card or a terminal made of it.
//
// Everything here is pure. A call belongs to one goroutine; calls don't know each other.
package compare
