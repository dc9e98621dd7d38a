// Package decode says what a command and its answer are, in the field's words: which command it is,
// which application it is for, and which data element lies at which byte.
//
//	d := decode.New()
//	x := d.Exchange(command, answer)      // valid until the next call
//	for _, f := range x.Answer {
//		fmt.Println(strings.Repeat("  ", f.Depth), f.Tag, f.Name, answer[f.Off:f.Off+f.Len])
//	}
//
// A [Decoder] follows one dialogue: it remembers what was selected and the DOLs that the card has
// sent, so that data without tags gets its names. Whatever it can't read it leaves as bytes; it has
// no errors, since bytes that nobody understands are bytes to be shown.
//
// What is shown, what is hidden, what is compared and what is timed all rest on this one reading.
//
// A Decoder belongs to one goroutine. Decoding allocates nothing once the buffers have grown.
package decode
