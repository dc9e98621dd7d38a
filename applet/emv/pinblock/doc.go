// Package pinblock carries a PIN from the terminal where it was entered to the issuer who checks it
// (EMV 4.3 Book 3, 10.5.2): a block that holds PIN and account number, enciphered under a key that
// both share.
//
//	key, err := pinblock.NewKey(pinblock.Format4, raw)
//	block, err := key.Seal(rand.Reader, pin, "9999990000000003")
//	pin, err := key.Open(block, "9999990000000003")
//
// Format 0 is 8 bytes under triple DES with two keys, and the same for the same PIN and card.
// Format 4 is 16 bytes under AES with 128 bits, and another one each time. A [PIN], a [Key] and a
// [Block] print masked, whatever the verb. All functions are pure and safe for concurrent use.
//
// Sources: ISO 9564-1:2017, 9.3 (formats 0 and 4). The blocks that cards get are package
// cryptogram's and package oda's. Not here: key management (DUKPT, key blocks), and translation
// from one key to another, which acquirers do.
package pinblock
