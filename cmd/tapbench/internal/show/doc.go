// Package show tells what stands in a trace, in the field's words: as text for people and as JSON
// Lines for programs. It reads a [Dialogue] item by item and holds no more than one of them, so a
// trace of any length is shown in the same memory.
//
//	d, err := show.Open(file)
//	for {
//		item, err := d.Next() // io.EOF after the last
//		...
//		text.Item(item)
//	}
//
// What the bytes are is decode's to say and what happened to them the trace's: an [Element] joins
// both. A value that is secret by its meaning is hidden in its bytes and its words alike, unless
// the trace says that it is a stand-in.
//
// # JSON Lines
//
// [WriteJSON] writes one object for each item. Each has kind and line (the number of its first line
// in the trace). The kinds:
//
//	header    fields: [{key, value}]; comes first, once
//	exchange  number, name, source, application, phase, continued, command, answer,
//	          status {word, text}, failure, took_us
//	reset     failure        tear   write        remove, insert        idle   idle_us
//	totals    totals {exchanges, sent, received, took_us, phases: [{phase, …}]}; comes last, once
//
// A command or answer has length (bytes), hex, parts and elements. hex has two digits a byte, and ??
// for a byte that the trace hasn't kept or that isn't shown. parts are the marked stretches: mark
// (absent, varying or stand-in), label, offset and length. An element has tag, name, start, offset,
// length, depth, template, text (the value in words), bits [{byte, bit, set, text}], variation and
// secrecy (why the value varies, why it may not be kept), hidden, and the mark and label under
// which it stands in the trace. What doesn't apply is left out. Fields may be added; none changes its
// meaning.
package show
