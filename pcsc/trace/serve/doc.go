// Package serve plays a trace as a card, for programs that ask what they like in the order that
// they like. A trace.Player insists on the recorded order; here the order is the program's.
//
//	card, err := serve.Load(file, serve.Config{})
//	err = vpcd.Serve(ctx, conn, card)
//	fmt.Println(card.Report())
//
// # Which answer
//
// Resets divide a recording into sessions. A command is looked for, in this order:
//
//  1. from the last answered one on to the end of its session;
//  2. backwards from there to the beginning of the session;
//  3. in the sessions behind it, and then from the first session on.
//
// The next command is looked for from where the last one was found. A reset, or power that was lost
// and came back, begins the next session, or the first after the last; one that comes before any
// command changes nothing. Removal and insertion divide sessions as a reset does.
//
// A command matches if its plain bytes are the recorded ones and its length is: bytes under a mark
// may be any.
//
//   - Where the recording has no such command, the answer is 6A82 (file not found) to a SELECT and
//     6D00 (instruction not supported) to everything else (ISO/IEC 7816-4:2005, 5.1.3, table 6).
//   - Bytes of an answer that weren't kept are sent as zeros.
//   - Where the recording has a failure in place of the answer, the card has left: the answer is
//     empty.
//
// [Card.Report] counts all three. The whole recording is held in memory.
package serve
