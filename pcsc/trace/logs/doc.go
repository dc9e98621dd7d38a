// Package logs reads what other programs write down of dialogues with cards, and writes what they
// read: apdu4j's dumps and logs, GlobalPlatformPro's, those of pcscd --apdu, and OpenSC's debug
// log. It also writes a trace as Go source.
//
//	in, err := logs.NewReader(file, logs.Options{})
//	out, err := trace.NewWriter(w, in.Header())
//	for {
//		step, err := in.Next() // io.EOF at the end
//		…
//	}
//	for _, loss := range in.Losses() { … }
//
// # Forms
//
//   - [APDU4J] is apdu4j's dump: comments "# ATR: …", "# PROTOCOL: …", then for each exchange a line
//     of command, a comment "# 24ms" and a line of answer.
//   - [GPPro] is what GlobalPlatformPro and apdu4j print with --debug: "A>> T=1 (4+0008) 00A40400
//     08 …" and "A<< (0018+2) (26ms) 6F10… 9000", and "SCardConnect(…)" before them.
//   - [PCSCD] is the log of pcscd --apdu, with or without --debug, from standard error, a file or
//     the journal: "00000005 APDU: 00 A4 …" and "00042845 SW: 90 00". The numbers are microseconds
//     since the line before; newer versions add the thread.
//   - [OpenSC] is the log of OpenSC with OPENSC_DEBUG at 3 or more: "Outgoing APDU (12 bytes):" and
//     the bytes below.
//
// Lines that tell of no exchange are passed over, wherever the form has such. What a form says of a
// dialogue and a trace can't say is counted in [Reader.Losses].
//
// A log of several readers has several dialogues: one of them must be chosen by
// [Options].Reader. Where a log can't tell which answer belongs to which command, it is refused.
//
// A Reader belongs to one goroutine and holds one line and one exchange of the log at a time. It
// opens no files and reads no clock.
//
// Sources: the programs' own output (pcscd 1.9.9, OpenSC 0.23.0 and the older forms in their
// issue trackers, GlobalPlatformPro 18 to 24, apdu4j 2026). None of them has a specification.
package logs
