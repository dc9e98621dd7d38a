// Package cardcheck runs the conformance suite on a card without package testing, keeps what each
// case said and how long each command took, and compares the outcome with a reference result.
//
//	result := cardcheck.Run(ctx, cardcheck.Config{Open: fresh, Caps: caps, Case: tell})
//	fmt.Print(result.Text())                     // the reference result's form
//	differences := cardcheck.Compare(reference, result)
//
// Words: a part is what the suite runs by name, such as "transport"; a case is a test without tests
// below it, such as "transport/chaining". A case that needs a fresh card and gets none is skipped.
package cardcheck
