package link

import "time"

// Parts are where a command's time goes.
type Parts struct {
	Link          time.Duration `json:"link_ns"`
	Signatures    time.Duration `json:"signatures_ns"` // private keys that are set among them
	Verifications time.Duration `json:"verifications_ns"`
	Agreements    time.Duration `json:"agreements_ns"` // key pairs among them
	Hashes        time.Duration `json:"hashes_ns"`
	Ciphers       time.Duration `json:"ciphers_ns"` // AES and its MACs
	Writes        time.Duration `json:"writes_ns"`
}

// Total is the sum of the parts.
func (p Parts) Total() time.Duration {
	return p.Link + p.Signatures + p.Verifications + p.Agreements + p.Hashes + p.Ciphers + p.Writes
}

// Add adds the parts of another command.
func (p *Parts) Add(other Parts) {
	p.Link += other.Link
	p.Signatures += other.Signatures
	p.Verifications += other.Verifications
	p.Agreements += other.Agreements
	p.Hashes += other.Hashes
	p.Ciphers += other.Ciphers
	p.Writes += other.Writes
}

// Predict returns what a command takes on a card. It is the worst case: every operation initialises
// its object and sets its key anew.
func Predict(card Card, channel Channel, exchanges []Exchange, w Work) Parts {
	times := func(n int, d time.Duration) time.Duration { return time.Duration(n) * d }
	hashBlock := (card.Hash - card.HashStart) / hashBlocks256
	var p Parts
	for _, e := range exchanges {
		p.Link += channel.Time(e)
	}
	p.Signatures = times(w.Signatures, card.SignInit+card.Sign-card.Hash) +
		times(w.KeysSet, card.SetPrivate)
	p.Verifications = times(w.Verifications,
		card.SignInit+card.SetPublic+card.Verify-card.Hash)
	p.Agreements = times(w.Agreements, card.AgreeInit+card.Agree) + times(w.KeyPairs, card.Pair)
	p.Hashes = times(w.Hashes, card.HashStart) + times(w.HashBlocks, hashBlock)
	p.Ciphers = times(w.MACs, card.MACInit) + times(w.MACBlocks, card.MAC)/macBlocks256 +
		times(w.Ciphers, card.CipherInit) + times(w.CipherBlocks, card.Cipher)/cipherBlocks256
	// A transaction writes the old bytes into the commit buffer, then the new ones; a block that is
	// begun is written whole. Nobody has published that: an estimate.
	const block = 256
	blocks := max(w.Transactions, (w.Written+block-1)/block)
	p.Writes = times(2*blocks, card.Write)
	return p
}
