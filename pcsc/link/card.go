package link

import "time"

// Card is what a card's operations take. All figures but those named in Estimated are averages of
// JCAlgTest's published results for that card (performance/fixed and variable), where ECDSA, MAC,
// cipher and hash work on 256 bytes and ECDSA hashes them itself.
type Card struct {
	Name  string // as --model names it
	Title string

	Sign, Verify, SignInit time.Duration // ECDSA P-256 with SHA-256 of 256 bytes
	Agree, AgreeInit       time.Duration // ECDH P-256
	Pair                   time.Duration // a new P-256 key pair
	SetPublic              time.Duration // setting a public key
	SetPrivate             time.Duration // setting a private key
	Cipher, CipherInit     time.Duration // AES-CBC of 256 bytes
	MAC, MACInit           time.Duration // AES MAC of 256 bytes
	Hash                   time.Duration // SHA-256 of 256 bytes
	HashStart              time.Duration // of Hash: what a hash takes before its first block
	Write                  time.Duration // 256 bytes from RAM to persistent memory
	// Estimated says which figures nobody has published, and where ours come from.
	Estimated []string
}

// Blocks in a message of 256 bytes: of SHA-256 with its padding, of AES-CBC, of AES-CMAC with its
// subkeys.
const (
	hashBlocks256   = 5
	cipherBlocks256 = 16
	macBlocks256    = 17
)

// Cards returns the cards whose times are known, the reference card first.
func Cards() []Card {
	const (
		public  = "setting a public key: J3R180's"
		private = "setting a private key: a public one's"
		start   = "the start of a hash: J3R180's"
	)
	return []Card{{
		Name: "j3r180", Title: "NXP JCOP4 J3R180",
		Sign: ms(32.0), Verify: ms(30.2), SignInit: ms(8.1), Agree: ms(20.0), AgreeInit: ms(7.9),
		Pair: ms(26.8), SetPublic: ms(3.4), SetPrivate: ms(3.4), Cipher: ms(1.9), CipherInit: ms(6.1),
		MAC: ms(2.1), MACInit: ms(6.1), Hash: ms(7.9), HashStart: ms(0.75), Write: ms(2.9),
		Estimated: []string{
			private, "the start of a hash: a line through its times for 64 to 512 bytes",
		},
	}, {
		Name: "p71d321", Title: "NXP JCOP4 P71D321",
		Sign: ms(33.1), Verify: ms(31.3), SignInit: ms(8.9), Agree: ms(21.6), AgreeInit: ms(8.6),
		Pair: ms(26.3), SetPublic: ms(3.4), SetPrivate: ms(3.4), Cipher: ms(2.0), CipherInit: ms(6.6),
		MAC: ms(2.3), MACInit: ms(6.7), Hash: ms(8.5), HashStart: ms(0.75), Write: ms(3.1),
		Estimated: []string{public, private, start},
	}, {
		Name: "j3h145", Title: "NXP JCOP3 J3H145",
		Sign: ms(56.3), Verify: ms(50.3), SignInit: ms(5.8), Agree: ms(55.1), AgreeInit: ms(8.5),
		Pair: ms(156.3), SetPublic: ms(3.4), SetPrivate: ms(3.4), Cipher: ms(9.0), CipherInit: ms(13.7),
		MAC: ms(10.3), MACInit: ms(13.6), Hash: ms(8.6), HashStart: ms(0.75), Write: ms(1.5),
		Estimated: []string{public, private, start},
	}, {
		Name: "smartcafe7", Title: "G+D SmartCafe 7.0",
		Sign: ms(52.3), Verify: ms(67.9), SignInit: ms(5.9), Agree: ms(63.7), AgreeInit: ms(7.2),
		Pair: ms(206.7), SetPublic: ms(3.4), SetPrivate: ms(3.4), Cipher: ms(6.7), CipherInit: ms(7.7),
		MAC: ms(7.1), MACInit: ms(7.9), Hash: ms(9.3), HashStart: ms(0.75), Write: ms(0.4),
		Estimated: []string{public, private, start},
	}}
}

// CardNamed returns the card of a name.
func CardNamed(name string) (Card, bool) {
	for _, c := range Cards() {
		if c.Name == name {
			return c, true
		}
	}
	return Card{}, false
}

func ms(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }
