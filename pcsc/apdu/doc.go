// Package apdu holds the two halves of a command-response pair, C-APDU and R-APDU, and the status
// words and class bytes in them, as ISO/IEC 7816-4 codes them. It does no I/O.
//
// Words: Nc and Ne are the decoded lengths, in bytes, of the command's data and of the longest
// answer expected; Lc and Le are the fields that code them. A short field codes up to 255 (Nc) or
// 256 (Ne), an extended one up to 65,535 or 65,536; one command never mixes the two.
//
//	case 1   CLA INS P1 P2
//	case 2   CLA INS P1 P2 Le
//	case 3   CLA INS P1 P2 Lc data…
//	case 4   CLA INS P1 P2 Lc data… Le
//
// Use:
//
//	command := apdu.Command{INS: 0xA4, P1: 0x04, Data: aid, Ne: 256}
//	raw, err := command.Encode()
//	…
//	response, err := apdu.ParseResponse(answer)
//	if response.SW != apdu.SWNormal { … }
//
// A [Command] is encoded in its shortest form: extended only when Nc or Ne need it. Parsing is
// strict: the length fields must account for every byte. The package doesn't judge CLA and INS,
// because a bench also sends what a card must refuse, and because PC/SC readers take pseudo-APDUs
// of class FF.
//
// Values are plain data: no locks, safe to read from several goroutines. Sources:
// ISO/IEC 7816-4:2005, clauses 5.1 (command-response pairs), 5.1.1 (class byte) and 5.1.3 (status
// bytes); ISO/IEC 7816-3:2006, clause 12 (cases on the transmission protocols).
package apdu
