// Package tlv reads and writes BER-TLV data objects and EMV data object lists. It does no I/O.
//
//	tag     1 to 4 bytes: the first gives class, form and, below 1F, the number; otherwise
//	        further bytes follow while their highest bit is set
//	length  00 to 7F, or 81, 82 or 83 and that many bytes
//	value   length bytes; the objects of a constructed tag are objects again
//
// [Reader] is the only place that looks at lengths; everything else here stands on it. It is
// bounded by its input: a claimed length is compared with what is left, never allocated. Reading
// allocates nothing as long as the input is well-formed.
//
//	r := tlv.NewReader(fci)
//	for {
//		object, err := r.Next()
//		if errors.Is(err, io.EOF) {
//			break
//		}
//		…
//	}
//	name, err := tlv.Find(fci, 0x6F, 0x84)
//
// Decisions: lengths are definite only; a length coded longer than needed is read, because cards
// in the field send it, but [Append] never writes one; duplicate tags are the caller's to judge,
// [Find] takes the first; bytes 00 between objects are read over where an object would begin, as
// EMV pads records and as ISO/IEC 7816-4 allows.
//
// Values are plain data; a Reader belongs to one goroutine. Sources: ISO/IEC 7816-4:2005, 5.2.2
// (BER-TLV data objects); EMV 4.3 Book 3, 5.4 (rules for using a data object list) and annex B
// (rules for BER-TLV data objects).
package tlv
