// Package banner writes a few words so large that they can be read across a counter, with nothing
// but block characters: it works over ssh and on every terminal that knows UTF-8.
//
//	for _, row := range banner.Rows("APPROVED") { fmt.Println(row) }
package banner
