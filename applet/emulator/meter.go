package emulator

import (
	"slices"
	"time"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/link"
)

// Meter counts what each command costs the card it is given to ([Config.Meter]). Counts depend
// on the commands alone, not on the machine. It belongs to the card's goroutine. A nil Meter counts
// nothing.
type Meter struct {
	commands []Cost
	now      link.Work // of the APDU under way
	joins    bool      // the APDU belongs to the last command: a link of its chain, GET RESPONSE
	open     bool      // the last command's chain goes on
}

// Cost is what one command has cost, with the links of its chain and the GET RESPONSEs behind it.
type Cost struct {
	// CLA is without the chaining bit.
	CLA, INS, P1, P2 byte
	// Length is the command's data in bytes, a chain's in all.
	Length int
	// SW is the last answer's status word; 0 when the power was cut.
	SW        apdu.SW
	Exchanges []link.Exchange
	Work      link.Work
	// Took is what this machine took, the one thing here that isn't a count.
	Took time.Duration
}

// SetMeter makes a meter count from the next command on; nil counts no more. It is called between
// commands.
func (c *Card) SetMeter(m *Meter) { c.meter = m }

// Commands returns what was counted since the last Reset, in the order of the commands.
func (m *Meter) Commands() []Cost { return slices.Clone(m.commands) }

// Reset forgets what was counted.
func (m *Meter) Reset() { *m = Meter{} }

// Latest returns what the last APDU has cost, and forgets the commands: whoever asks after each one
// wants no list.
func (m *Meter) Latest() link.Work {
	latest := m.now
	m.Reset()
	return latest
}

// begin begins an APDU.
func (m *Meter) begin(raw []byte) {
	if m == nil {
		return
	}
	m.now, m.joins = link.Work{}, false
	c, err := apdu.ParseCommand(raw)
	if err != nil {
		m.commands, m.open = append(m.commands, Cost{}), false
		return
	}
	h, n := header(c), len(m.commands)
	fetches := h[0] == byte(wire.CLAInterindustry) && h[1] == byte(wire.InsGetResponse)
	if n > 0 {
		last := &m.commands[n-1]
		m.joins = fetches || m.open && h == [4]byte{last.CLA, last.INS, last.P1, last.P2}
	}
	if !m.joins {
		m.commands = append(m.commands, Cost{CLA: h[0], INS: h[1], P1: h[2], P2: h[3]})
	}
	m.open = c.CLA != h[0]
	m.commands[len(m.commands)-1].Length += len(c.Data)
}

// end ends it. Without an answer the power was cut.
func (m *Meter) end(sent int, answer []byte, took time.Duration) {
	if m == nil || len(m.commands) == 0 {
		return
	}
	last := &m.commands[len(m.commands)-1]
	last.Exchanges = append(last.Exchanges, link.Exchange{Sent: sent, Received: len(answer)})
	last.Work.Add(m.now)
	last.Took += took
	last.SW = 0
	if response, err := apdu.ParseResponse(answer); err == nil {
		last.SW = response.SW
	}
}

// commit counts a transaction: the bytes of the fields that differ.
func (m *Meter) commit(before, after *state) {
	if m == nil {
		return
	}
	m.now.Transactions++
	m.now.Written += changed(before, after)
}

// changed returns the bytes of the fields in which two states differ.
func changed(before, after *state) (n int) {
	var fields []byte
	before.walk(func(field []byte) { fields = append(fields, field...) })
	after.walk(func(field []byte) {
		if string(field) != string(fields[:len(field)]) {
			n += len(field)
		}
		fields = fields[len(field):]
	})
	return n
}

func (m *Meter) sign() {
	if m != nil {
		m.now.Signatures++
	}
}

// load counts a private key that lies in its slot, and is set in a key object to sign with.
func (m *Meter) load() {
	if m != nil {
		m.now.KeysSet++
	}
}

// hashFor counts what is hashed for a signature over a structure of a type.
func (m *Meter) hashFor(t wire.MessageType) {
	if m != nil {
		m.now.Hash(hashedFor(t)...)
	}
}

func (m *Meter) verify() {
	if m != nil {
		m.now.Verifications++
	}
}

func (m *Meter) agree() {
	if m != nil {
		m.now.Agreements++
	}
}

func (m *Meter) pair() {
	if m != nil {
		m.now.KeyPairs++
	}
}

func (m *Meter) random(n int) {
	if m != nil {
		m.now.Random += n
	}
}

func (m *Meter) hash(lengths ...int) {
	if m != nil {
		m.now.Hash(lengths...)
	}
}

func (m *Meter) hmac(lengths ...int) {
	if m != nil {
		m.now.HMAC(lengths...)
	}
}

func (m *Meter) mac(length int) {
	if m != nil {
		m.now.MAC(length)
	}
}

// channel counts a sealed body with its MAC, made or opened: the IV, under a key set for it alone,
// the body, and the MAC over associated data and counter too.
func (m *Meter) channel(ad, sealed int) {
	const block = 16
	if m == nil || sealed < wire.MACLen {
		return
	}
	n := sealed - wire.MACLen
	m.now.Cipher(1)
	m.now.Cipher(n / block)
	m.now.MAC(2 + ad + block + n)
}

// session counts the derivation of a cryptogram's session key: one block.
func (m *Meter) session() {
	if m != nil {
		m.now.Cipher(1)
	}
}

// hpke counts an encapsulation's key schedule but for the agreement: six HMACs (RFC 9180, 4.1 and
// 5.1).
func (m *Meter) hpke() {
	const version, kem, suite = len(versionID), len(kemSuite), len(hpkeSuite)
	m.hmac(
		version+kem+len("eae_prk")+scalarLen,
		2+version+kem+len("shared_secret")+2*wire.PointLen+1,
		version+suite+len("psk_id_hash"),
		version+suite+len("info_hash")+prefixLen,
		version+suite+len("secret"),
		2+version+suite+len("exp")+1+2*wire.HashLen+1,
	)
}
