// Package emv holds the EMV side of a payment: primary account numbers, data objects, the answers
// of the payment application, and the cryptograms that card and issuer share.
//
// What belongs together: [PAN] and [Track2]; the lists [PDOL], [CDOL1], [CDOL2] with their data
// [PDOLData], [CDOL1Data], [CDOL2Data]; the answers [FCI], [PPSE], [ProcessingOptions], [ACAnswer]
// and the three records; [SessionKey], [Cryptogram] and [ARPC]. Of the offline payment application:
// [OfflinePDOLData], [TokenRecord], [OfflineAnswer]; of both: [MerchantAuth]. Each answer can be
// built, as a card does, and parsed, as a terminal does.
//
//	sk := emv.SessionKey(masterKey, atc)
//	arqc := emv.Cryptogram(sk, cdol1, aip, atc[:], iad)
//	arpc := emv.ARPC(sk, arqc, emv.CSUApproved())
//
// A PAN and a master key print masked, whatever the verb; Reveal gives their value. Functions here
// are pure and safe for concurrent use. The package makes no decision: neither a card's (see
// emulator) nor a terminal's (see terminal/kernel).
//
// Sources: EMV 4.3 Book 1 (selection), Book 2 (annex A1.3.1, 8.1, 8.2: session keys, cryptograms,
// ARPC method 2), Book 3 (commands, data objects, annexes A to C); EMV Contactless Book B 2.6
// (PPSE); ISO/IEC 7812-1:2006 (PAN); ISO/IEC 7813:2006 (track 2). Values of our own are those of
// PROTOCOL.md.
package emv
