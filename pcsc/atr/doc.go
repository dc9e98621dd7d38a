// Package atr takes a card's answer to reset apart and says what each of its bytes means.
//
//	a, err := atr.Parse(raw)
//	for _, item := range a.Items {
//		fmt.Printf("% X  %s: %s\n", raw[item.Off:item.Off+item.Len], item.Name, item.Text)
//	}
//	fmt.Println(a) // T=1, contactless (ISO/IEC 14443-4)
//
// An answer to reset has 2 to 33 bytes (ISO/IEC 7816-3:2006, 8.2):
//
//	TS  convention: 3B direct, 3F inverse
//	T0  Y1: which of TA1 to TD1 follow; K: how many historical bytes
//	TAi TBi TCi TDi  parameters; TDi names a protocol and which bytes follow it
//	T1…TK  historical bytes (ISO/IEC 7816-4:2005, 8.1.1)
//	TCK  the exclusive or of T0 to TCK is 0; absent if only T=0 is offered
//
// Readers of contactless cards make one up (PC/SC Part 3 v2.01.09, 3.1.3.2.3): 3B 8n 80 01, then a
// card's historical bytes, or for a memory card its standard and its name.
//
// The items are in the order of the bytes, don't overlap, and together are the answer to reset.
// What is within the historical bytes follows as items of its own, one deeper. The package computes
// and nothing else.
package atr
