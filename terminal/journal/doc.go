// Package journal keeps what a terminal must not forget when its power fails: the number of its
// last message, each payment that the issuer was asked for and that hasn't come to its end, and
// what the day has come to. A payment without an end may be booked without a receipt: it is
// reversed before the next one. A refund and the close of a day stay until they have an answer:
// they are asked for again with the same key, and the TSM answers what it did the first time.
//
//	file, err := journal.OpenFile(path)
//	j, err := journal.Open(file)
//	entry, err := j.Begin(func(stan uint32) journal.Entry { … }) // before the request is sent
//	err = j.Approve(entry, rrn, completion)                      // the card has answered a TC
//	err = j.Clear(entry)                                         // declined, or never sent
//	for _, entry := range j.Pending() { … }                      // at the next start
//	err = j.Reversed(entry, booked)
//
// Each change is one [Disk.Commit]: after a crash the state before or after it is there, never one
// between. So the totals of the day are always those of the payments that have ended. Nothing in
// the journal names a card. A Journal belongs to one goroutine.
//
// The state is one JSON object; fields that aren't known, and text behind it, are refused:
//
//	{"format":"tapbench-journal","version":2,"stan":42,"first":41,"currency":"EUR",
//	 "totals":{"payments":{"count":1,"minor":1250},…},"pending":[
//	  {"stan":42,"sent":"1121123456","merchant":"MERA2B3CSHOP01 ","terminal":"POS1    ",
//	   "amount":"EUR:12.50"}],"last":{…},"advices":[{…}],"refund":{…},"closing":{…}}
package journal
