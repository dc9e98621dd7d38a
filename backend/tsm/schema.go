package tsm

import "tapbench/backend/dispute/register"

// Migrations returns what makes the TSM's own tables, oldest first. There is none for users and
// bank account IDs: the TSM must never learn them.
func Migrations() []string {
	return []string{
		schema, schemaReturns, register.Schema, schemaSettlement, schemaTokens, schemaClaims,
	}
}

const schema = `
CREATE TABLE runs (
	run        BLOB PRIMARY KEY,
	state      TEXT NOT NULL,
	bank       TEXT NOT NULL,
	session    BLOB NOT NULL,
	nonce_bank BLOB NOT NULL,
	nonce_tsm  BLOB NOT NULL,
	tid        BLOB UNIQUE,  -- TSM account ID
	sign       BLOB,         -- PK_TID,sig
	kem        BLOB,         -- PK_TID,kem
	to_tsm     BLOB,         -- K_TID,TSM
	to_se      BLOB,
	next       INTEGER NOT NULL DEFAULT 0, -- lowest counter accepted
	sent       INTEGER NOT NULL DEFAULT 0, -- next counter used
	th         BLOB,         -- th_k of user and TSM
	register   BLOB,         -- evidence: tid-reg
	info       BLOB,         -- evidence: TSMINFO with rho
	tsmbinfo   BLOB,         -- evidence
	request    BLOB,         -- SHA-256 of BINFO and TSMINFO
	auth       BLOB,         -- evidence: AUTH
	handle     BLOB UNIQUE,  -- h, in the place of the bank account ID
	expiry     INTEGER NOT NULL DEFAULT 0 -- epoch
) STRICT;
CREATE TABLE cards (
	pan        BLOB PRIMARY KEY,
	tid        BLOB NOT NULL,
	key        BLOB NOT NULL,   -- PK_V
	put        BLOB NOT NULL,   -- the card as sent, with its master key
	roll       BLOB NOT NULL,   -- evidence: card-req with roll and pop
	atc        INTEGER NOT NULL DEFAULT 0, -- highest seen
	spent      INTEGER NOT NULL DEFAULT 0, -- authorised once
	paid       INTEGER NOT NULL DEFAULT 0  -- by payments that stand
) STRICT;
CREATE TRIGGER cards_stay BEFORE UPDATE OF pan, tid, key, put, roll ON cards
BEGIN SELECT RAISE(ABORT, 'a card stays as it was issued'); END;
CREATE TABLE payments (
	payment    BLOB PRIMARY KEY, -- the acquirer's key of the authorisation
	pan        BLOB NOT NULL,
	merchant   TEXT NOT NULL,
	amount     INTEGER NOT NULL,
	tap        BLOB NOT NULL,    -- evidence: what the card key signed, and its signature
	day        INTEGER NOT NULL  -- of the terminal that took it
) STRICT;
CREATE TABLE reversals (
	payment    BLOB PRIMARY KEY  -- the acquirer's key of an authorisation, booked or not
) STRICT;
CREATE TABLE refunds (
	refund     BLOB PRIMARY KEY, -- the acquirer's key of the refund
	payment    BLOB NOT NULL,    -- of what
	amount     INTEGER NOT NULL
) STRICT;
CREATE INDEX refunds_of ON refunds (payment);
CREATE TABLE completions (
	payment    BLOB PRIMARY KEY,
	completion BLOB NOT NULL     -- evidence: the card's TC and what it is over
) STRICT;
CREATE TABLE tills (             -- a terminal's open day
	merchant     TEXT NOT NULL,
	terminal     TEXT NOT NULL,
	day          INTEGER NOT NULL, -- from 1
	payments     INTEGER NOT NULL,
	payment_sum  INTEGER NOT NULL,
	reversals    INTEGER NOT NULL,
	reversal_sum INTEGER NOT NULL,
	refunds      INTEGER NOT NULL,
	refund_sum   INTEGER NOT NULL,
	PRIMARY KEY (merchant, terminal)
) STRICT;
CREATE TABLE days (              -- closed
	merchant   TEXT NOT NULL,
	terminal   TEXT NOT NULL,
	day        INTEGER NOT NULL,
	date       TEXT NOT NULL,    -- MMDD, by the terminal
	booked     TEXT NOT NULL,    -- totals, JSON
	claimed    TEXT NOT NULL,    -- the terminal's totals, JSON
	PRIMARY KEY (merchant, terminal, day)
) STRICT;
`

// schemaReturns keeps both messages of a funding as they were sent, so that the bank can be asked
// again and a judge later, and one batch for each bank and epoch.
const schemaReturns = `
ALTER TABLE runs ADD COLUMN binfo BLOB;   -- evidence: BINFO
ALTER TABLE runs ADD COLUMN tsminfo BLOB; -- TSMINFO as sent
ALTER TABLE runs ADD COLUMN refusal BLOB; -- JSON: why the bank has refused
CREATE TABLE returns (
	bank       TEXT NOT NULL,
	epoch      INTEGER NOT NULL,
	batch      BLOB NOT NULL, -- evidence: what the TSM has signed
	remainders BLOB NOT NULL, -- evidence: h and what was left, sorted
	receipt    BLOB,          -- evidence: the bank's; NULL until it has come
	PRIMARY KEY (bank, epoch)
) STRICT;
`

// schemaSettlement keeps what was drawn from banks and paid out to merchants, by slot.
const schemaSettlement = `
CREATE TABLE draws (
	bank    TEXT NOT NULL,
	slot    INTEGER NOT NULL,
	draw    BLOB NOT NULL, -- evidence: what the TSM has signed
	receipt BLOB,          -- evidence: the bank's; NULL until it has come
	PRIMARY KEY (bank, slot)
) STRICT;
CREATE TABLE payouts (
	merchant TEXT NOT NULL,
	slot     INTEGER NOT NULL,
	amount   INTEGER NOT NULL,
	PRIMARY KEY (merchant, slot)
) STRICT;
`

// schemaTokens keeps offline tokens. The units of each are paid, have come back, or are open; no
// more of them than it has.
const schemaTokens = `
CREATE TABLE tokens (
	tokid     BLOB PRIMARY KEY,
	tid       BLOB NOT NULL,
	key       BLOB NOT NULL UNIQUE,       -- PK_t
	root      BLOB NOT NULL UNIQUE,       -- w_0
	token     BLOB NOT NULL,              -- evidence: as the TSM has signed it
	request   BLOB NOT NULL,              -- evidence: token-req with roll and pop
	unit      INTEGER NOT NULL,           -- minor units
	length    INTEGER NOT NULL,           -- in units
	epoch     INTEGER NOT NULL,           -- the last one in which it is good
	claims_to INTEGER NOT NULL,           -- the last epoch in which claims are taken
	state     TEXT NOT NULL,              -- open, closed, reclaimed
	paid      INTEGER NOT NULL DEFAULT 0, -- units
	reach     INTEGER NOT NULL DEFAULT 0, -- the highest unit that was paid
	back      INTEGER NOT NULL DEFAULT 0, -- units
	closed_at INTEGER,                    -- the units above came back; NULL: not closed
	close     BLOB,                       -- evidence: token-close
	CHECK (paid >= 0 AND back >= 0 AND paid + back <= length),
	CHECK (state <> 'reclaimed' OR paid + back = length)
) STRICT;
CREATE INDEX tokens_of ON tokens (tid);
CREATE INDEX tokens_due ON tokens (state, claims_to);
CREATE TRIGGER tokens_stay BEFORE UPDATE OF tokid, tid, key, root, token, request ON tokens
BEGIN SELECT RAISE(ABORT, 'a token stays as it was issued'); END;
CREATE TRIGGER tokens_class BEFORE UPDATE OF unit, length, epoch, claims_to ON tokens
BEGIN SELECT RAISE(ABORT, 'a token stays of its class'); END;
CREATE TRIGGER tokens_remain BEFORE DELETE ON tokens
BEGIN SELECT RAISE(ABORT, 'a token that was issued remains'); END;
CREATE TABLE contradictions (
	tokid BLOB NOT NULL,
	at    INTEGER NOT NULL,
	close BLOB NOT NULL, -- evidence: a token-close against what was paid, or against another
	PRIMARY KEY (tokid, at)
) STRICT;
CREATE TABLE frozen (
	tid      BLOB PRIMARY KEY,
	evidence BLOB NOT NULL -- the proof on which the account was frozen
) STRICT;
`

// schemaClaims keeps what merchants were paid for offline payments: one row for each statement, out
// of the token (claims) or out of the loss (doublespends). No unit is paid out of a token twice.
const schemaClaims = `
CREATE TABLE claims (
	tokid     BLOB NOT NULL,
	claim     BLOB NOT NULL,    -- over the statement's signed fields
	from_unit INTEGER NOT NULL, -- of the statement
	to_unit   INTEGER NOT NULL, -- of the statement
	ticked    INTEGER NOT NULL, -- the last unit that was paid
	merchant  TEXT NOT NULL,
	statement BLOB NOT NULL,    -- evidence: what the token's key has signed, and its signature
	paid      INTEGER NOT NULL, -- minor units
	PRIMARY KEY (tokid, from_unit), -- short, as each claim dirties a page of its index
	CHECK (from_unit < ticked AND ticked <= to_unit)
) STRICT;
CREATE TRIGGER claims_apart BEFORE INSERT ON claims WHEN EXISTS (SELECT 1 FROM claims
	WHERE tokid = NEW.tokid AND from_unit < NEW.to_unit AND to_unit > NEW.from_unit)
BEGIN SELECT RAISE(ABORT, 'a unit of a token is claimed once'); END;
CREATE TRIGGER claims_stay BEFORE UPDATE OF tokid, claim, from_unit, to_unit, merchant ON claims
BEGIN SELECT RAISE(ABORT, 'a claim stays as it was paid'); END;
CREATE TRIGGER claims_remain BEFORE DELETE ON claims
BEGIN SELECT RAISE(ABORT, 'a claim that was paid remains'); END;
CREATE TABLE doublespends (
	tokid     BLOB NOT NULL,
	claim     BLOB NOT NULL,    -- over the later statement's signed fields
	from_unit INTEGER NOT NULL, -- of the statement
	to_unit   INTEGER NOT NULL, -- of the statement
	ticked    INTEGER NOT NULL, -- the last unit that was claimed
	merchant  TEXT NOT NULL,
	paid      INTEGER NOT NULL, -- minor units, out of the loss; 0: it was refused
	evidence  BLOB NOT NULL,    -- evidence: both statements and the token
	PRIMARY KEY (tokid, claim)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER doublespends_remain BEFORE DELETE ON doublespends
BEGIN SELECT RAISE(ABORT, 'a double spending that was proven remains'); END;
CREATE TABLE batches (
	batch    BLOB PRIMARY KEY, -- over what it has booked
	merchant TEXT NOT NULL,
	sequence INTEGER NOT NULL, -- the merchant's number
	claims   INTEGER NOT NULL, -- of which something was booked
	amount   INTEGER NOT NULL, -- minor units, out of tokens
	loss     INTEGER NOT NULL  -- minor units, out of the loss
) STRICT;
CREATE TABLE denylists (
	id     INTEGER PRIMARY KEY CHECK (id = 1),
	serial INTEGER NOT NULL -- of the newest list
) STRICT;
`
