package link

// Work is what a card does for one command, in operations whose time on real cards is known. It is
// filled by who counts: applet/emulator for the emulator.
type Work struct {
	// Signatures and Verifications are of ECDSA over P-256, without the hash of what is signed;
	// Agreements are plain ECDH over P-256, KeyPairs new P-256 keys.
	Signatures    int `json:"signatures,omitempty"`
	Verifications int `json:"verifications,omitempty"`
	Agreements    int `json:"agreements,omitempty"`
	KeyPairs      int `json:"key_pairs,omitempty"`
	// KeysSet are private P-256 keys that are set in a key object, to sign with.
	KeysSet int `json:"keys_set,omitempty"`
	// Hashes are messages given to SHA-256, HashBlocks the compressions that they take, padding
	// among them. An HMAC is two messages.
	Hashes     int `json:"hashes,omitempty"`
	HashBlocks int `json:"hash_blocks,omitempty"`
	// MACs and Ciphers are messages given to AES-CMAC and AES-CBC or AES alone; each sets a key.
	// MACBlocks and CipherBlocks are the AES blocks that they take, subkeys and IV among them.
	MACs         int `json:"macs,omitempty"`
	MACBlocks    int `json:"mac_blocks,omitempty"`
	Ciphers      int `json:"ciphers,omitempty"`
	CipherBlocks int `json:"cipher_blocks,omitempty"`
	// Random is how many random bytes are drawn, without those of new keys.
	Random int `json:"random,omitempty"`
	// Transactions are commits to persistent memory, Written the bytes of the fields that change.
	Transactions int `json:"transactions,omitempty"`
	Written      int `json:"written,omitempty"`
}

// Add adds other work.
func (w *Work) Add(other Work) {
	w.Signatures += other.Signatures
	w.Verifications += other.Verifications
	w.Agreements += other.Agreements
	w.KeyPairs += other.KeyPairs
	w.KeysSet += other.KeysSet
	w.Hashes += other.Hashes
	w.HashBlocks += other.HashBlocks
	w.MACs += other.MACs
	w.MACBlocks += other.MACBlocks
	w.Ciphers += other.Ciphers
	w.CipherBlocks += other.CipherBlocks
	w.Random += other.Random
	w.Transactions += other.Transactions
	w.Written += other.Written
}

// Hash adds messages of so many bytes, each given to SHA-256.
func (w *Work) Hash(lengths ...int) {
	for _, n := range lengths {
		w.Hashes++
		w.HashBlocks += (n + 1 + 8 + 63) / 64 // FIPS 180-4, 5.1.1: a bit and a length of 8 bytes
	}
}

// HMAC adds messages of so many bytes, each given to HMAC-SHA-256 under a key of at most 64 bytes.
func (w *Work) HMAC(lengths ...int) {
	for _, n := range lengths {
		w.Hash(64+n, 64+32)
	}
}

// MAC adds a message of so many bytes, given to AES-CMAC: its blocks and one for the subkeys
// (RFC 4493, 2.3 and 2.4).
func (w *Work) MAC(length int) {
	w.MACs++
	w.MACBlocks += max(1, (length+15)/16) + 1
}

// Cipher adds a message of so many blocks, given to AES under one key.
func (w *Work) Cipher(blocks int) {
	w.Ciphers++
	w.CipherBlocks += blocks
}

// Exchange is one APDU and its answer, in bytes; the answer's status word counts.
type Exchange struct {
	Sent     int `json:"sent"`
	Received int `json:"received"`
}
