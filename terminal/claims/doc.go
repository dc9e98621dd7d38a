// Package claims keeps what a terminal took offline until it is paid: a store-and-forward journal
// that no crash shortens. A claim is opaque here: a key, the hash over its signed fields, and data.
//
//	folder, err := claims.OpenFolder(path)             // ErrInUse while another process has it
//	j, err := claims.Open(folder, claims.Identity{Merchant: "MERA2B3C-SHOP", Terminal: "POS1"})
//	for _, f := range j.Findings() { … }               // what a crash or the disk did to it
//	first, err := j.Append(key, payload)               // on the disk when it returns: give a receipt
//	batch, err := j.MarkSent(keys)                     // before the batch is sent
//	err = j.Settle(batch, answers)                     // paid, or refused with a reason
//	for record, err := range j.Pending() { … }         // in the order in which they were taken
//
// Records are appended to segments and never changed. Each has a checksum and the checksum of the
// record before. What a claim has come to is a further record. Several goroutines may append; their
// records share a write and a sync.
//
// After a crash [Open] sets the end of the last write aside if it is provably torn, so that nobody
// was told that it is there. Anything else that isn't a record stays where it is, is copied to a
// file beside it and reported; the records behind it are used. docs/store-and-forward.md has the
// bytes and the rules.
//
// The key is 32 bytes, SHA-256 over a claim's signed fields, which the caller computes: a malleated
// signature is the same claim. A key that is there already keeps its first record.
//
// Sources: rename(2), fsync(2), FIPS 180-4 (SHA-256), RFC 3720 appendix B.4 (CRC-32C).
package claims
