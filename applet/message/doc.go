// Package message holds the payment protocol's messages of phases 0 to 5 and of offline payments:
// their fields, what is signed, how they are sealed and opened. Both ends use it: the servers and
// the wallet directly, the reference emulator for layouts and signatures. It has no state, no clock
// and no I/O, and takes every key as an argument.
//
// Words: a body is the list of fields of one message, all of fixed length, encoded big-endian in
// the order of the struct behind its one-byte type and the label "tapbench/1". A [Transcript] is
// th_k. Sign, then encrypt: a body that carries a signature is sealed whole.
//
//	th := message.NewTranscript(2, wire.RoleUser, wire.RoleBank, bankID)
//	body, exporter, err := message.OpenFrom(kem, wire.MsgAIDRequest, th[:], sealed)
//	request, err := message.Decode[message.AIDRequest](wire.MsgAIDRequest, body)
//	err = message.Verify(userKey, request.Digest(th, bankID), request.Signature)
//
// Where SE and server talk the construction is HPKE with an export-only AEAD (RFC 9180, 5.3),
// whose exports key AES-128-CBC and AES-CMAC (see [Keys]). Functions here are safe for concurrent
// use.
//
// Sources: RFC 9180 (HPKE), RFC 4493 (AES-CMAC), ISO/IEC 9797-1:2011 (padding method 2),
// FIPS 186-5 (ECDSA), GlobalPlatform Amendment D 1.1.1, 6.2 (encrypt, then MAC with a counter).
package message
