-- What every store holds, whoever it belongs to.

CREATE TABLE store_meta (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;

CREATE TABLE store_migration (
	number INTEGER PRIMARY KEY,
	digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE TABLE store_answer (
	op      TEXT NOT NULL CHECK (length(op) BETWEEN 1 AND 64),
	id      BLOB NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
	request BLOB NOT NULL CHECK (length(request) = 32),
	answer  BLOB NOT NULL,
	PRIMARY KEY (op, id)
) STRICT, WITHOUT ROWID;

-- Amounts are minor units. The bounds are ledger.MaxTotal and money.MaxMinor.
CREATE TABLE ledger_account (
	id              TEXT PRIMARY KEY,
	kind            TEXT NOT NULL
		CHECK (kind IN ('asset', 'liability', 'equity', 'income', 'expense')),
	currency        INTEGER NOT NULL CHECK (currency BETWEEN 1 AND 999),
	overdraft       INTEGER NOT NULL CHECK (overdraft BETWEEN 0 AND 999999999999),
	debits_posted   INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted BETWEEN 0 AND 9007199254740992),
	credits_posted  INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted BETWEEN 0 AND 9007199254740992),
	debits_pending  INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending BETWEEN 0 AND 9007199254740992),
	credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending BETWEEN 0 AND 9007199254740992),
	CONSTRAINT available CHECK (
		CASE WHEN kind IN ('asset', 'expense')
			THEN debits_posted - credits_posted - credits_pending
			ELSE credits_posted - debits_posted - debits_pending
		END >= -overdraft)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_transfer (
	seq      INTEGER PRIMARY KEY,
	id       BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
	debit    TEXT NOT NULL REFERENCES ledger_account (id),
	credit   TEXT NOT NULL REFERENCES ledger_account (id),
	currency INTEGER NOT NULL,
	minor    INTEGER NOT NULL CHECK (minor BETWEEN 1 AND 999999999999),
	pending  INTEGER NOT NULL CHECK (pending IN (0, 1)),
	reason   TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 32),
	CHECK (debit <> credit)
) STRICT;

CREATE TABLE ledger_resolution (
	transfer BLOB PRIMARY KEY REFERENCES ledger_transfer (id),
	state    TEXT NOT NULL CHECK (state IN ('posted', 'voided'))
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_posting (
	seq      INTEGER PRIMARY KEY,
	transfer INTEGER NOT NULL REFERENCES ledger_transfer (seq),
	account  TEXT NOT NULL REFERENCES ledger_account (id),
	side     TEXT NOT NULL CHECK (side IN ('debit', 'credit')),
	minor    INTEGER NOT NULL CHECK (minor BETWEEN 1 AND 999999999999),
	UNIQUE (transfer, side)
) STRICT;

-- What is written stays as it was written.

CREATE TRIGGER store_answer_stays BEFORE UPDATE ON store_answer
BEGIN SELECT RAISE(ABORT, 'an answer never changes'); END;
CREATE TRIGGER store_answer_remains BEFORE DELETE ON store_answer
BEGIN SELECT RAISE(ABORT, 'an answer is never deleted'); END;

CREATE TRIGGER ledger_account_stays
BEFORE UPDATE OF id, kind, currency, overdraft ON ledger_account
BEGIN SELECT RAISE(ABORT, 'an account keeps its definition'); END;
CREATE TRIGGER ledger_account_remains BEFORE DELETE ON ledger_account
BEGIN SELECT RAISE(ABORT, 'an account is never deleted'); END;

CREATE TRIGGER ledger_transfer_stays BEFORE UPDATE ON ledger_transfer
BEGIN SELECT RAISE(ABORT, 'a transfer never changes'); END;
CREATE TRIGGER ledger_transfer_remains BEFORE DELETE ON ledger_transfer
BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;

CREATE TRIGGER ledger_resolution_stays BEFORE UPDATE ON ledger_resolution
BEGIN SELECT RAISE(ABORT, 'a resolution never changes'); END;
CREATE TRIGGER ledger_resolution_remains BEFORE DELETE ON ledger_resolution
BEGIN SELECT RAISE(ABORT, 'a resolution is never deleted'); END;

CREATE TRIGGER ledger_posting_stays BEFORE UPDATE ON ledger_posting
BEGIN SELECT RAISE(ABORT, 'a posting never changes'); END;
CREATE TRIGGER ledger_posting_remains BEFORE DELETE ON ledger_posting
BEGIN SELECT RAISE(ABORT, 'a posting is never deleted'); END;
