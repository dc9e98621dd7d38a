// Package carddata keeps what an EMV card has said in a transaction, and reads what a terminal
// needs of it.
//
//	var o carddata.Objects
//	tag, err := o.TakeOptions(body)        // of the answer to GET PROCESSING OPTIONS
//	err = o.TakeRecord(file, n, answer)    // each record that the file locator names
//	data, err := carddata.Read(&o, carddata.Full)
//
// Objects keeps up to 128 data objects and which parts of the records the card's signatures cover.
// Values alias the card's answers: taking a record allocates nothing. What breaks the books' rules
// on format is an *outcome.TerminatedError with the clause.
//
// Sources: EMV 4.3 Book 3, 7 (data for a transaction), 10.2 (records), 10.3 (what is signed).
package carddata
