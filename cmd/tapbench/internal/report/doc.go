// Package report writes dialogues, and whole demos, as one self-contained HTML page: the time
// line, each exchange with its decoded tree beside its bytes, and for a demo who sent what to whom
// and who learned what. An [Audit] and an [EMV] payment have pages of their own.
//
//	p := report.Page{Title: "tap.apdu", Dialogues: []report.Dialogue{d}}
//	err := p.Write(w)
//
// The page needs nothing but itself: its style and its script stand in it, and its content security
// policy allows these two by their digests and nothing else, no request and no other script. All
// text goes through html/template, so what a trace says stays text. Without the script it still
// reads: an exchange is a disclosure of the browser's own. It follows the reader's choice of light
// or dark, and prints what is open.
//
// An exchange has the address #x and its number. A page holds the first [MaxExchanges] exchanges of
// a dialogue, fewer if they are very long; the sums are those of all.
package report
