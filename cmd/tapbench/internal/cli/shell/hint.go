package shell

import (
	"errors"
	"slices"

	"tapbench/applet"
	"tapbench/applet/emulator"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/issue"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/jcardsim"
	"tapbench/applet/statefile/bound"
	"tapbench/backend/acquirer"
	"tapbench/backend/client"
	"tapbench/backend/denylist"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/cmd/tapbench/internal/audit/dossier"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/relay"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/logs"
	"tapbench/terminal"
	"tapbench/terminal/claims"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/entry"
	judge "tapbench/terminal/offline"
	"tapbench/terminal/parameters"
	"tapbench/terminal/replay"
	"tapbench/tpm/channel"
	"tapbench/tpm/swtpm"
	"tapbench/wallet"
	"tapbench/wallet/starter"
)

// hint says what to do about an error.
type hint struct {
	target error
	hint   string
}

// hints say what to do about an error, the first that fits.
func hints() []hint { return slices.Concat(benchHints(), moneyHints(), emvHints()) }

// benchHints are about readers, cards, recordings and files.
func benchHints() []hint {
	return []hint{
		{daemon.ErrNoDriver, "run scripts/vpcd-driver.sh, which unpacks the driver into build/vpcd"},
		{daemon.ErrNoPCSCD, "run: apt-get install pcscd"},
		{daemon.ErrNoConsent, "agree with --system-pcscd; the demo can leave pcscd out: --link process"},
		{
			daemon.ErrReaderTaken,
			"take the other card away, or name another --slot; the demo has --link process, too",
		},
		{daemon.ErrNamespaces, "\"tapbench doctor\" says what allows them here"},
		{ErrUntimed, "record it again: \"tapbench trace record\" writes times"},
		{trace.ErrStandIn, "send it nevertheless with --send-stand-ins"},
		{replay.ErrNoTap, "record a payment: tapbench trace record -o FILE -- CMD"},
		{swtpm.ErrMissing, ""},
		{jcardsim.ErrNotBuilt, "build it: make applet; or name its folder with --applet"},
		{jcardsim.ErrNoJava, "run: apt-get install default-jdk-headless; or use --se emulator"},
		{jcardsim.ErrOldJava, "install a newer one, and put it first in PATH"},
		{jcardsim.ErrMachine, "run it again; what the card has answered is kept"},
		{pcsc.ErrNoService, "start pcscd, or use a bed's: \"tapbench up --keep BED\", then . BED/env"},
		{pcsc.ErrNoReader, "plug a reader in, or start a virtual one with \"tapbench up\""},
		{pcsc.ErrNoCard, "lay the card on the reader, or choose another one with --reader"},
		{pcsc.ErrComm, "hold the card still and try again; what was under way may have been done"},
		{pcsc.ErrCardRemoved, "hold the card still and try again; nothing that wasn't confirmed was paid"},
		{pcsc.ErrSharing, "end the other program that uses this card, and try again"},
		{pcsc.ErrNotSupported, "build with cgo (CGO_ENABLED=1, a C compiler and libpcsclite-dev)"},
		{applet.ErrNotOurCard, "lay a card with the tapbench applet there, or use \"tapbench up\""},
		{applet.ErrAlgorithm, "use another card: docs/real-card.md says which have what is needed"},
		{applet.ErrNotAuthenticated, "use the wallet folder (--wallet) that personalised this element"},
		{emulator.ErrInUse, "end the other process that offers this card, or name another --state"},
		{ErrOtherCard, "name another file with --state, or leave --profile out"},
		{issue.ErrProfile, "only the emulator is a card of any profile: \"card serve\", leave --se out"},
		{issue.ErrIssued, "take a blank card: docs/real-card.md says how one is installed"},
		{profile.ErrProfile, "docs/profiles.md has each field; see: tapbench card profile show contact"},
		{emulator.ErrForeign, "name another file, or remove this one if it isn't needed"},
		{store.ErrInUse, "end the process that has it open, or name another file with --store"},
		{store.ErrUnreachable, "start PostgreSQL, make the database (createdb), or check --store"},
		{store.ErrFull, "free some space on the store's disk and try again; nothing was half done"},
		{store.ErrReadOnly, "let this user write to the store and its folder, or name another one"},
		{store.ErrUncertain, "start the server anew; the same request is then answered once"},
		{store.ErrLost, "start PostgreSQL, and then the server anew"},
		{store.ErrForeign, "name another file with --store; this one was left as it was"},
		{store.ErrVersion, "use the version of tapbench that made it, or name a new file"},
		{logs.ErrForm, "name the form with --from; tapbench trace convert --help lists them"},
		{logs.ErrAbsent, "record it anew: bytes that weren't kept can't be written in this form"},
		{relay.ErrOtherCard, "record each card in a file of its own"},
		{ErrFileExists, "name another file, or replace this one with --force"},
		{dossier.ErrNotBench, "keep one: tapbench demo --keep DIR"},
		{pki.ErrExists, "name another folder, or replace this one with --force"},
		{pki.ErrNotPKI, "make keys first: tapbench pki init"},
		{pki.ErrExpired, "make new keys: tapbench pki init --force"},
		{pki.ErrEpoch, "set this machine's clock right"},
		{pki.ErrEpochEnded, "have the CA certify this epoch: tapbench pki epoch"},
		{pki.ErrUnknownCA, "the other side has keys of another pki init; restart it with this one's"},
		{client.ErrUnreachable, "start the server or check its address; nothing was sent"},
		{client.ErrNoAnswer, "look at the server; running the command again is safe"},
	}
}

// moneyHints are about payments, terminals and wallets.
func moneyHints() []hint {
	return []hint{
		{kernel.ErrNoToken, "arm it: tapbench wallet arm; its tokens: tapbench wallet status"},
		{denylist.ErrClock, "set the terminal's clock right"},
		{judge.ErrDenyList, "connect the terminal to the TSM once: tapbench terminal settle"},
		{kernel.ErrMerchantRefused, "have the merchant's keys made anew: tapbench pki init"},
		{terminal.ErrNoOffline, "the merchant's folder is of before: make new keys, tapbench pki init"},
		{terminal.ErrAboveFloor, "wait for the TSM, or allow more: --floor"},
		{wallet.ErrNoEpochs, "run: tapbench pki epoch"},
		{kernel.ErrNotArmed, "arm the card: tapbench wallet arm --amount …"},
		{kernel.ErrNoApplication, "lay a card of this bench's on the reader"},
		{
			terminal.ErrReversalPending,
			"hand nothing out; the payment is taken back before the next one, or by the next command",
		},
		{terminal.ErrReversed, "nothing is booked; take the payment again"},
		{terminal.ErrUnrecorded, "mend the disk, then start the terminal again"},
		{terminal.ErrUnanswered, "the same is asked for again by the next command; it is done once"},
		{terminal.ErrVoidRefused, "the payment stands; give it back: tapbench terminal refund RRN"},
		{terminal.ErrNotClosed, "the day is open; look at the TSM's log and close it again"},
		{terminal.ErrNoReceipt, "tapbench terminal status lists the receipts in --folder"},
		{terminal.ErrNotRefundable, "tapbench terminal status shows what became of it"},
		{journal.ErrNothingToVoid, "give an older payment back: tapbench terminal refund RRN"},
		{journal.ErrDayFull, "close the day: tapbench terminal close"},
		{claims.ErrInUse, "end the other terminal, or name another --folder"},
		{claims.ErrForeign, "name another --folder; this one was left as it was"},
		{claims.ErrFull, "free some space and try again; nothing was half done"},
		{journal.ErrInUse, "end the other terminal, or name another --folder"},
		{journal.ErrForeign, "name another --folder; this one was left as it was"},
		{acquirer.ErrUnreachable, "start the TSM or check --acquirer; nothing was booked"},
		{acquirer.ErrTLS, "TSM and merchant have keys of different pki inits; nothing was booked"},
		{acquirer.ErrRefused, "the TSM refused this merchant's certificate; nothing was booked"},
		{bound.ErrLocked, "put its latest file back; how to begin without it: docs/rollback.md"},
		{bound.ErrBound, "bind it: --bind-state, with its TPM: --tpm"},
		{bound.ErrUncertain, "open it again: what was cut is then brought to its end"},
		{bound.ErrForked, "end the other program that uses a copy of this state"},
		{wallet.ErrInUse, "another wallet command is at work; run this one again"},
		{wallet.ErrNoWallet, "open an account first: tapbench wallet open"},
		{wallet.ErrNotOpen, "open an account first: tapbench wallet open"},
		{wallet.ErrNotRegistered, "register first: tapbench wallet register"},
		{wallet.ErrExpired, "replace what has expired: tapbench wallet refill, or wallet run"},
		{wallet.ErrCardKind, "use another kind: --card; the TSM's policy is its --card-kinds"},
		{wallet.ErrArmed, "take the consent back first: tapbench wallet disarm"},
		{wallet.ErrUnfinished, "bring it to its end: tapbench wallet register"},
		{wallet.ErrNoSlot, "give an account up: tapbench wallet close; expired ones go by themselves"},
		{
			wallet.ErrOtherProgram,
			"start the installed one, or install this release: tapbench wallet install",
		},
		{wallet.ErrUnreleased, "name the release's own program with --program"},
		{wallet.ErrStartedSince, "run the command again: it starts this wallet again"},
		{wallet.ErrNoAttester, "name the TPM that the element knows with --tpm"},
		{wallet.ErrNoConsent, "name the bank with --consent-address"},
		{starter.ErrList, "name the file with --measurements; \"tapbench up\" writes one"},
		{channel.ErrNoTPM, "start one with \"tapbench up\", or name another with --tpm"},
		{channel.ErrGone, "start the TPM again; a run that was broken off can be started anew"},
		{channel.ErrBusy, "end the other program that uses this TPM"},
	}
}

// emvHints are about other EMV cards, and the terminal that takes them.
func emvHints() []hint {
	return []hint{
		{entry.ErrNotAgreed, "answer with the number of one, or leave --choose out"},
		{
			entry.ErrNoApplication,
			"lay another card there, or add its application: tapbench terminal parameters --json",
		},
		{entry.ErrCardBlocked, "use another card, or have its issuer unblock this one"},
		{parameters.ErrFile, "compare it with: tapbench terminal parameters --json"},
		{oda.ErrKeyList, "write one: tapbench pki export; docs/emv-terminal.md has the forms"},
		{issuer.ErrFile, "docs/emv-terminal.md says where an issuer's file comes from"},
	}
}

// Hint returns what to do about an error, or nothing.
func Hint(err error) string {
	for _, h := range hints() {
		if errors.Is(err, h.target) {
			return h.hint
		}
	}
	return ""
}
