// Package cryptogram computes application cryptograms as plastic cards do, so that other people's
// issuers can check a card of ours, and our issuer other people's: master and session keys,
// cryptograms by version, ARPC, and the secure messaging of issuer scripts. A [Scheme] brings
// together what belongs to one version; below it each formula stands alone.
//
//	keys, err := cryptogram.VersionCVN18.Derive(issuerKeys, "4761739001010010", 1)
//	ac, err := cryptogram.VersionCVN18.Compute(keys.AC, data)
//	auth, err := cryptogram.VersionCVN18.IssuerAuth(keys.AC, data.ATC, ac, csu, nil)
//	script := cryptogram.VersionCVN18.Messaging(keys, data.ATC, ac, 8)
//	command, err := script.Seal(cryptogram.Message{CLA: 0x80, INS: 0x1E})
//
// Triple DES serves versions 10 and 18; AES with 128 bits serves the common core definitions, which
// have a variant with triple DES, and the anonymous profile's cryptograms in package emv. A [Key]
// prints masked, whatever the verb. All functions are pure and safe for concurrent use; a
// [Messaging] is one goroutine's.
//
// Sources: EMV 4.3 Book 2, clauses 8 and 9, annexes A1.2 (MAC), A1.3 (session keys), A1.4 (master
// keys), with AES as of that edition; Book 3, annex C (format A, card status update); ISO/IEC
// 9797-1:2011 (algorithms 3 and 5, padding 1 and 2). What versions 10 and 18 cover, and how their
// scripts are protected, is not in these books; here it is what PyPI's pyemv 1.5 computes for them.
// Scripts of versions 10 and 18 have format 2. Those of the common core definitions have format 1
// with chained MACs (Book 2, 9.2.3.1 and annex D2), made up as public implementations of EMV 4.4
// read them; values of one of them, card42, are among the tests.
package cryptogram
