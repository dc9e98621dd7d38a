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
// [WriteJSON] writes an item as one line; docs/trace-show.md says what each of its fields means.
package show
