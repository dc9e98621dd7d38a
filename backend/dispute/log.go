package dispute

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Head is what a party signs of an opening, and one entry of its log. It names no person and no
// card: a log may be shown to anybody.
type Head struct {
	Party    message.PartyID // whose log it is
	Judge    message.PartyID // who asked
	Number   uint64          // 1 for the log's first entry
	Previous message.Hash    // Sum of the entry before, zero for the first
	// Subject is what was opened: Sum of a [Subject] for a TSM, Sum of the TSM's head for a bank.
	Subject    message.Hash
	Bank       message.PartyID
	Handle     message.Handle // h, by which TSM and bank know the funding
	Commitment message.Hash   // c_T
	Chain      message.Hash   // over what the party has added to the chain
}

// Sum is the head's identity and what the next one names.
func (h Head) Sum() message.Hash { return message.SumHash(wire.MsgOpening, h) }

// Entry is a signed head.
type Entry struct {
	Head
	Signature message.Signature // SK_TSM or SK_B
}

// verify checks that the entry is a party's, by its certificate.
func (e Entry) verify(t wire.MessageType, cert message.Certificate, ca message.PublicKey) error {
	if err := cert.Check(t, ca, 0); err != nil {
		return fmt.Errorf("%w: %w", ErrOpening, err)
	}
	if cert.Subject != message.PartySubject(e.Party) {
		return fmt.Errorf("%w: it is signed by %s for %s", ErrOpening, cert.Subject, e.Party)
	}
	if err := message.Verify(cert.Key, e.Sum(), e.Signature); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrOpening, e.Party, err)
	}
	return nil
}

// Log is all openings of a party, with the certificate of its signing key.
type Log struct {
	Certificate message.Certificate
	Entries     []Entry
}

// Verify checks that each entry is the party's own ([ErrOpening]) and that they are a chain from
// the first one on, without gaps ([ErrLog]). That the last one wasn't cut off shows only when an
// outcome names a later one: see [Log.Holds].
func (l Log) Verify(ca message.PublicKey) error {
	t := l.Certificate.Type
	if t != wire.CertTSMSign && t != wire.CertBankSign {
		return fmt.Errorf("%w: its certificate is neither a TSM's nor a bank's", ErrLog)
	}
	var previous message.Hash
	for i, e := range l.Entries {
		if err := e.verify(t, l.Certificate, ca); err != nil {
			return fmt.Errorf("entry %d: %w", i+1, err)
		}
		if e.Number != uint64(i)+1 || e.Previous != previous {
			return fmt.Errorf("%w: entry %d says that it is number %d", ErrLog, i+1, e.Number)
		}
		previous = e.Sum()
	}
	return nil
}

// Holds reports whether an opening is in the log, at its place.
func (l Log) Holds(e Entry) bool {
	return e.Number >= 1 && e.Number <= uint64(len(l.Entries)) &&
		l.Entries[e.Number-1].Head == e.Head
}
