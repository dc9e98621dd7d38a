// Package journal keeps what a terminal must not forget when its power fails: the number of its
// last message, and each payment that the issuer was asked for and that hasn't come to its end.
// Such a payment may be booked without a receipt: it is reversed before the next one.
//
//	file, err := journal.OpenFile(path)
//	j, err := journal.Open(file)
//	entry, err := j.Begin(func(stan uint32) journal.Entry { … }) // before the request is sent
//	err = j.Clear(entry)                                         // when the payment has ended
//	for _, entry := range j.Pending() { … }                      // at the next start
//
// Each change is one [Disk.Commit]: after a crash the state before or after it is there, never one
// between. Nothing in the journal names a card. A Journal belongs to one goroutine.
//
// The state is one JSON object; fields that aren't known, and text behind it, are refused:
//
//	{"format":"tapbench-journal","version":1,"stan":42,"pending":[
//	  {"stan":42,"sent":"1121123456","merchant":"MERA2B3CSHOP01 ","terminal":"POS1    ",
//	   "amount":"EUR:12.50"}]}
package journal
