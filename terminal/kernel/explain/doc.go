// Package explain says in words what became of an EMV transaction, and why: which application was
// found how, what the certificates say, what was compared with what, each bit of TVR and TSI, each
// rule of the CVM list, which action code decided, and the clause for each.
//
//	outcome, err := kernel.Pay(ctx, card, host, purchase)
//	e := explain.Of(outcome, err)
//	err = e.Write(os.Stdout)            // aligned text
//	err = json.NewEncoder(w).Encode(e)  // docs/emv-terminal.md has the shape
//
// An [Explanation] is a summary and [Phase]s in the order of the flow, each a list of [Fact]s: what
// text, JSON and page show is the same. It holds no account number but a masked one, and no PIN.
//
// The words of bits are package decode's. The clauses are those of the editions below, for the step
// that sets a bit, not for the annex that lists it. Where an edition isn't to be trusted by heart,
// the clause is the book alone.
//
// Sources: EMV 4.3 (November 2011) Books 1 to 4; EMV Contactless Books A, B and C-2, 2.6.
package explain
