// Package backend is the room of those who keep accounts: banks, the TSM and the test certificate
// authority. It holds no code itself; its packages, from the ground:
//
//   - money: amounts in minor units. Pure.
//   - ledger: double entry over a Book. Pure.
//   - store: one party's durable state, of which the ledger's Book is a part.
//   - pki: keys, certificates, TLS peers, the signed release.
//   - api: requests and responses, as JSON.
//   - bank, tsm: decisions, each party with its own store, keys and process.
//   - service, client: the two ends of HTTP over TLS.
//
// A decline is an answer, never an error: an error means that nobody knows. A decision, what it
// moves in the books and the answer are one commit, so that any request may be sent again.
//
// Nothing here imports terminal, wallet or cmd. Choices are in DECISIONS.md.
package backend
