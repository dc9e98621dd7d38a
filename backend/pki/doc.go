// Package pki is the bench's test certificate authority: it makes every party's keys and
// certificates, loads a party's own folder, and says who a TLS peer is.
//
// These are test keys in files without passwords. Nothing here is fit for real money.
//
// Words: a party is whoever has a folder: the CA, banks, the TSM, the merchant, the wallet (the
// papers' Host) and the software provider SP. Its ID is 8 bytes of ASCII, three letters for the
// role and five random ones, so that no two benches share one and a search for it finds every
// place that knows it.
//
//	bench, err := pki.Init(dir, pki.Config{Banks: 2})        // once
//	party, err := pki.OpenParty(filepath.Join(dir, "bank-a"), time.Now)
//	server := party.ServerTLS(pki.AskClients, pki.RoleTSM)   // a *tls.Config
//	client, err := party.ClientTLS(pki.RoleBank, bank.ID)
//
// # Keys
//
// A party has up to three pairs on P-256, one for each use: TLS, signatures (SIG in the protocol)
// and the KEM (HPKE). Each is certified by X.509 with the party's role and ID as a URI,
// "tapbench:bank/BKA4KD2Q", and with a key usage and an extended key usage that no other use
// accepts. A wallet has no key: a certificate would link all that it does. Private keys are
// wrapped in [Private], which doesn't print.
//
// # Folders
//
//	DIR/public/            what anyone may know: the root, all certificates, the release manifest
//	DIR/ca/                ca.key (root), sign.key (what cards read)
//	DIR/bank-a/ bank-b/    party.json ca.crt tls.key tls.crt sign.key sign.crt kem.key kem.crt
//	DIR/tsm/ merchant/         the same; peers/ holds the certificates of those it deals with
//	                       and, for cards, sign.compact kem.compact epoch.compact, as they have them
//	DIR/wallet/            party.json ca.crt peers/ epochs.pem
//	DIR/sp/                sign.key
//	DIR/emv/               ca.json issuer.json: a test CA and an issuer of EMV cards, drawn by
//	                       [OpenEMV] when first needed
//
// A party's folder names nobody that the party must never learn of: the merchant's has no bank in
// it, a bank's no merchant. Keys are readable by their owner alone. The folder is there whole or
// not at all. epochs.pem, which public/ has too, is the CA's word on which epoch it is, for
// elements: [RenewEpochs] goes on with it.
//
// # TLS
//
// Version 1.3 only, no session tickets, since a resumed session would link a wallet's connections.
// Peers are known by role and ID, never by host name; see [Party.ServerTLS] and [Party.ClientTLS]
// for the checks and their errors.
//
// Values of this package are safe for concurrent use. There is no revocation: a bench is short.
//
// Sources: RFC 5280 (X.509), RFC 5958 (PKCS #8), RFC 7468 (PEM), RFC 8446 (TLS 1.3), X.660 (the
// OID arc 2.999 for examples).
package pki
