package bank

import "tapbench/backend/dispute/register"

// Migrations returns what makes the bank's own tables, oldest first. There is none for card
// numbers, TSM accounts, merchants, purchase amounts or times: the bank must never learn them.
func Migrations() []string {
	return []string{schema, schemaReturns, register.Schema, schemaDraws, schemaPhones}
}

const schema = `
CREATE TABLE users (
	user_id     TEXT PRIMARY KEY,
	certificate BLOB NOT NULL, -- PK_U's, by the CA
	user_key    BLOB NOT NULL, -- SIG(SK_SE, "user-key")
	se          BLOB NOT NULL, -- CERT_SE
	kbu         BLOB NOT NULL, -- K_B,U
	ak          BLOB NOT NULL, -- TPMT_PUBLIC
	ak_bind     BLOB NOT NULL, -- SIG(SK_SE, "ak-bind")
	ek_serial   TEXT NOT NULL,
	secret      BLOB NOT NULL, -- SHA-256 of the credential's secret
	deposit     INTEGER NOT NULL,
	open        INTEGER NOT NULL DEFAULT 0,
	clock       BLOB           -- JSON: the TPM's clock at the last accepted quote
) STRICT;
CREATE TABLE runs (
	th      BLOB PRIMARY KEY, -- th_2
	user_id TEXT NOT NULL REFERENCES users,
	offer   BLOB NOT NULL,
	expires INTEGER NOT NULL, -- Unix seconds
	done    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE accounts (
	account     BLOB PRIMARY KEY, -- bank account ID
	user_id     TEXT NOT NULL REFERENCES users,
	certificate BLOB NOT NULL,    -- what CERT_AID^B says
	signature   BLOB NOT NULL,    -- CERT_AID^B's signature
	evidence    BLOB NOT NULL,    -- aid-keys: X with aid-pop, aid-key, aid-bind
	th          BLOB NOT NULL,    -- th_2, under which they were made
	channel     BLOB NOT NULL,    -- K_AID,B
	used        INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0)
) STRICT;
CREATE TABLE nonces (
	nonce   BLOB PRIMARY KEY,
	session BLOB NOT NULL,
	tsm     TEXT NOT NULL,
	expires INTEGER NOT NULL
) STRICT;
CREATE TABLE fundings (
	handle   BLOB PRIMARY KEY,
	account  BLOB NOT NULL REFERENCES accounts,
	amount   INTEGER NOT NULL,
	expiry   INTEGER NOT NULL, -- epoch
	tsm      TEXT NOT NULL,
	binfo    BLOB NOT NULL,    -- BINFO's inner plaintext, with its signature
	tsmbinfo BLOB NOT NULL
) STRICT;
`

// schemaReturns is what the end of an account needs.
const schemaReturns = `
ALTER TABLE accounts ADD COLUMN next INTEGER NOT NULL DEFAULT 0;   -- lowest counter accepted
ALTER TABLE accounts ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fundings ADD COLUMN returned INTEGER; -- what came back; NULL: still in escrow
CREATE TABLE returns (
	tsm        TEXT NOT NULL,
	epoch      INTEGER NOT NULL,
	batch      BLOB NOT NULL, -- evidence: what the TSM has signed
	remainders BLOB NOT NULL,
	PRIMARY KEY (tsm, epoch)
) STRICT;
`

// schemaDraws keeps what was paid out to a TSM, by slot.
const schemaDraws = `
CREATE TABLE draws (
	tsm  TEXT NOT NULL,
	slot INTEGER NOT NULL,
	lots INTEGER NOT NULL,
	draw BLOB NOT NULL, -- evidence: what the TSM has signed
	PRIMARY KEY (tsm, slot)
) STRICT;
`

// schemaPhones is what proves phones: nonces that were given out, references that were signed.
const schemaPhones = `
CREATE TABLE phone_nonces (
	nonce   BLOB PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES users,
	purpose INTEGER NOT NULL, -- of the quote that answers it
	expires INTEGER NOT NULL  -- Unix seconds
) STRICT;
CREATE TABLE phone_references (
	user_id   TEXT PRIMARY KEY REFERENCES users,
	software  TEXT NOT NULL,
	program   BLOB NOT NULL,    -- SHA-256 of the executable
	policy    INTEGER NOT NULL, -- 0 local, 1 bank
	signature BLOB NOT NULL
) STRICT;
`
