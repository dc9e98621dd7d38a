// Package search finds many byte strings in a stream at once, however they are written there: as
// they are, in hexadecimal (either case, with spaces, colons or dashes between the digits), in
// base64 (standard or URL alphabet, from any position), or in one of these inside another.
//
//	set, err := search.NewSet([][]byte{secret, digest[:8]})
//	s := search.NewScanner(set)
//	err = s.Scan(r, func(h search.Hit) { fmt.Println(h.Pattern, h.Offset, h.View) })
//
// It is one pass. The stream is decoded as it goes, in all ways at the same time, and the last
// eight bytes of each decoding are looked up in one table: the time doesn't depend on how many
// patterns there are, and the memory not on how long the stream is.
package search
