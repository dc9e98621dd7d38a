// Package tracetest plays recordings in tests: a card that answers as one did when it was recorded,
// so that code which speaks to a card is tested without card, reader or service.
//
//	func TestBalance(t *testing.T) {
//		card := tracetest.Play(t, "testdata/balance.apdu")
//		if got, err := purse.Balance(t.Context(), pcsc.NewSession(card)); err != nil || got != 1250 {
//			t.Errorf("got %d, %v", got, err)
//		}
//	}
//
// The order is strict. A command that isn't the next one of the recording is an error to the code
// under test and fails the test; so does, at its end, whatever nobody asked for. The test's output
// names file and line, and shows the step that was to come and the command that came:
//
//	testdata/balance.apdu:9: the trace has command 80 5C 00 02 (5 bytes) here, got …
//	want:
//	> 80 5C 00 02 04
//	< 00 00 04 E2 90 00
//	got:
//	> 80 5C 00 01 04
//
// What may differ is declared in the file. A command's bytes under a mark, such as an unpredictable
// number in (un 12 34 56 78), match any as long; see package trace for all marks.
//
// [Play] plays a file in either of its forms, [Script] a text that stands in the test. [Replay]
// turns the tables: it asks a card what the recording asked, for those who write cards.
//
// Files are made by "tapbench trace record -o FILE -- CMD", by --trace on the other commands that
// speak to a card, and by "tapbench trace convert" from what other programs log. This package is
// for tests: it takes a testing.TB and stops it.
package tracetest
