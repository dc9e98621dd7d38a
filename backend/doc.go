// Package backend is the room of those who keep accounts: banks, the TSM and the test certificate
// authority. It holds no code itself; its packages, from the ground:
//
//   - money: amounts in minor units. Pure.
//   - ledger: double entry over a Book. Pure.
//   - store: one party's durable state, of which the ledger's Book is a part; store/columns reads
//     it value by value, store/examiner accounts for every unit in the files of stopped parties.
//   - pki: keys, certificates, TLS peers, the signed release, the epochs.
//   - api: requests and responses, as JSON.
//   - settlement: when money goes between TSM and banks. Pure.
//   - payout: which offline claims a merchant is paid. Pure.
//   - denylist: the offline tokens that nobody takes any more. Pure.
//   - dispute: who signed a payment; dispute/doublespend is proof that units were spent twice (both
//     pure), dispute/register a party's log of openings.
//   - bank, tsm: decisions, each party with its own store, keys and process.
//   - service, client: the two ends of HTTP over TLS.
//   - acquirer: payments from the terminal, ISO 8583 over TLS.
//
// A decline is an answer, never an error: an error means that nobody knows. A decision, what it
// moves in the books and the answer are one commit, so that any request may be sent again.
//
// Nothing here imports terminal, wallet or cmd. Choices are in DECISIONS.md.
package backend
