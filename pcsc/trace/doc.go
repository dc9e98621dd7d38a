// Package trace writes, reads and plays dialogues with a card: the one text form that recordings,
// scripts and test vectors share. A [Recorder] is a pcsc.Card that writes down what passes through
// it, a [Player] is a pcsc.Card that answers from such a text, and [Replay] puts the text's
// questions to another card.
//
//	# tapbench-apdu v1
//	spec: ISO/IEC 7816-4:2005, 7.5.6
//	expect: pin-blocked
//	comment: the third wrong PIN blocks, even for the right PIN
//	atr: 3B 80 80 01 01
//	> 00 20 00 01 06 [pin 6]
//	< 63 C1
//	reset
//	> 00 84 00 00 08
//	< [any 8] 90 00
//
// # Grammar
//
// UTF-8 text; lines end in LF, the last one too, and have at most 1,024 bytes. One text has one
// meaning and one meaning has one text: what [Reader] accepts, [Writer] writes again byte for byte.
//
//	trace    = "# tapbench-apdu v1" { field } { step }
//	field    = key ": " text
//	step     = exchange | reset | "tear " number | "remove" | "insert" | idle
//	exchange = command ( answer | failure ) [ took ]
//	command  = "> " message
//	answer   = "< " message
//	reset    = "reset" [ failure ]
//	failure  = "! " name
//	took     = "took " number " us"
//	idle     = "idle " number " us"
//	message  = element { " " element }
//	element  = byte | "[" label " " number "]" | "(" label bytes ")" | "{" label bytes "}"
//	bytes    = " " byte { " " byte }
//
// Where:
//   - Keys are spec, expect, comment, atr, protocol, reader, origin and redaction, in any order;
//     only comment may come more than once. An atr is 2 to 33 bytes, a protocol T=0 or T=1, expect
//     and origin are one word of small letters, digits and hyphens, a redaction is stand-ins,
//     hidden or none. There is no key for a user, a host or a date.
//   - A byte is two hexadecimal digits, letters capital. A number is decimal without leading zeros,
//     1 to 999,999,999. Exactly one space separates.
//   - A line of a message holds 32 elements; if more follow, the line after it begins with two
//     spaces and goes on. A command has 4 to 65,544 bytes, an answer 2 to 65,538.
//   - [any 8] stands for 8 bytes that differ from run to run. Every other label says what was taken
//     out so that nobody reads it, such as [pan 8]; the number is that of the bytes, so that
//     lengths stay true. A label has 1 to 16 small letters, digits and hyphens, a letter first.
//   - (un 12 34 56 78) are bytes that passed as they stand and differ from run to run;
//     {pan 54 13 33} stand for as many others that were secret. Brackets may span lines; each of
//     their bytes is an element.
//   - tear n: the card loses its power at the n-th persistent write from here on. remove and
//     insert: the card is taken off the reader and put back, between two commands.
//   - A failure stands where the answer didn't come; see [Failure] for the names. took is the time
//     that an exchange took, idle one in which nothing passed before the step behind it; recorders
//     write them only when they are given a clock.
//
// # JSON Lines
//
// The same, for programs. The first line has the header, every other one is a step:
//
//	{"format":"tapbench-apdu","version":1,"header":[{"key":"protocol","value":"T=1"}]}
//	{"step":"exchange","command":[{"hex":"00840000"}],"answer":[{"hex":"6A81"}],"took_us":912}
//	{"step":"reset"}
//
// [JSONReader] accepts white space, members in any order, and plain bytes cut into parts anywhere;
// [JSONWriter] has one text for one meaning. Nothing is lost between the two forms.
//
// # Use
//
//	recorder, err := trace.NewRecorder(card, file, trace.Options{Redact: redact})
//	session := pcsc.NewSession(recorder)
//
//	player, err := trace.NewPlayer(file)
//	session := pcsc.NewSession(player)
//
// [Open] reads a trace in either form, the text or JSON Lines. [Load] reads one whole, to be played
// many times: its players allocate nothing while they play, and [Reader.Read] doesn't either.
//
// A recording of a process that was killed holds every exchange that the process saw answered, and
// perhaps a piece of the next. Reading it gives the whole steps, and then a [*SyntaxError] that
// wraps [io.ErrUnexpectedEOF].
//
// Everything here belongs to one goroutine at a time; only Close may come from another, and a
// [Dialogue] may be shared. Memory is that of one exchange, however long the trace, unless it is
// loaded. The package opens no files and reads no clock; both are handed to it. It doesn't know
// what a PAN is: what may be written is decided by the [Redactor] that it is given, and without one
// no data is written at all.
package trace
