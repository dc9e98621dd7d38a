// Package tlv reads and writes BER-TLV data objects and data object lists as cards use them.
//
// [Reader] is the only place that checks lengths: it walks the objects of one level without
// allocating and never beyond the bytes that it was given. [Find] follows a path, [Check] walks a
// whole tree, [Append] writes the shortest form. A DOL is read by [ParseDOL] and filled by [Fill].
//
//	r := tlv.NewReader(data)
//	for {
//		e, err := r.Next() // io.EOF at the end
//		…
//	}
//
// Tags are written as in the standards: 0x5A, 0x9F26, 0xBF0C, 0xDF8101. Values alias the input.
// Everything here is a pure function of its arguments.
//
// Sources: ISO/IEC 7816-4:2005, 5.2.2 (BER-TLV); EMV 4.3 Book 3, 5.4 (DOL) and Annex B (coding;
// bytes 00 between objects are skipped). Indefinite lengths are refused, as both ask.
package tlv
