// Package oda is offline data authentication with RSA: what a card can prove without its issuer
// being asked, and the certificates from the scheme's key down to the card's. It holds both sides:
// a test authority issues, a terminal verifies.
//
//	scheme ──▶ issuer certificate (90) ──▶ signed static data (93): SDA
//	                                   └─▶ card certificate (9F46) ──▶ signed dynamic data (9F4B):
//	                                                                   DDA, CDA
//
// Every certificate and signature is a block of the signer's modulus length: 6A, a format, fields,
// SHA-1 over them and what is left out, BC. [*Error] names the check that refused, with its clause.
// Nothing that a card sends is trusted before its hash is right, and no length is believed.
//
// Keys: [CAKey] and their files, [ReadCAKeys]. Certificates: [IssuerCertificate],
// [CardCertificate]. Signed data: [Static], [Dynamic]. PINs: [EncipherPIN], [DecipherPIN].
//
// Sources: EMV 4.3 Book 2, clauses 5 (SDA), 6 (DDA and CDA), 7.2 (PINs), annexes A2.1 (recovery),
// B2.1 (RSA), C (the format of keys) and D (lengths). All functions are pure and safe for
// concurrent use.
package oda
