// Package cryptogram computes application cryptograms with triple DES as plastic cards do, so that
// other people's issuers can check a card of ours, and our issuer other people's: master and
// session keys, cryptograms by version, ARPC, and the secure messaging of issuer scripts.
//
//	mk, err := cryptogram.MasterKeyA(issuerKey, "4761739001010010", 1)
//	sk := cryptogram.SessionKey(mk, cryptogram.ByATC(atc))
//	ac := cryptogram.CVN18(sk, data)
//	arpc := cryptogram.ARPC1(sk, ac, [2]byte{'0', '0'})
//
// The anonymous profile's AES cryptograms are package emv's. A [Key] prints masked, whatever the
// verb. All functions are pure and safe for concurrent use.
//
// Sources: EMV 4.3 Book 2, clauses 8 and 9, annexes A1.2 (MAC), A1.3 (session keys), A1.4 (master
// keys); ISO/IEC 9797-1:2011 (algorithm 3, padding 1 and 2). What versions 10 and 18 of a
// cryptogram cover is not in these books; here it is what PyPI's pyemv 1.5 computes for them.
package cryptogram
