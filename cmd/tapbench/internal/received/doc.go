// Package received is the record of what a party of a bench has been sent: every message in clear,
// as it came out of TLS. Servers write it where a bench asks for it ("bank serve --received FILE"),
// and nowhere else: it holds all that the party could have looked at. An audit reads it.
//
//	r, err := received.Create("received/tsm.jsonl")
//	mux.Record(r.Add)
//
// A record is JSON Lines; data is the message's bytes, in base64:
//
//	{"at":"/v1/tid/hello","data":"eyJiYW5rIjoiQktBSzJDN0QifQ=="}
//	{"at":"iso8583","data":"MDEwMHI8…"}
//
// Times aren't written down: an audit compares what is there, not when.
package received
