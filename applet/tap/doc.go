// Package tap says which part of a dialogue with a card is one tap: from the selections before a
// payment's first command to what comes before the next selection, or before a reset or insertion.
//
//	var s tap.Stretch
//	for … {
//		if s.EndsBefore(x.Phase) {
//			… // the end of a stretch, a tap if s.IsTap()
//			s = tap.Stretch{}
//		}
//		s.Add(x.Phase)
//	}
//
// Parts of chains and GET RESPONSEs belong to their command and aren't asked about. The package is
// pure.
package tap
