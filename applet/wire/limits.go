package wire

// Slots, buffers and tries.
const (
	// BankSlots is the number of bank accounts that the SE can hold.
	BankSlots = 2
	// TIDSlots is the number of TSM accounts that the SE can hold.
	TIDSlots = 2
	// CardSlots is the number of virtual cards that the SE can hold.
	CardSlots = 8
	// TokenSlots is the number of offline tokens that the SE can hold.
	TokenSlots = 8
	// TapTries is how often one tap may be answered while the same arming lasts.
	TapTries = 3
	// RelayTries is how often relay resistance data are exchanged after one GET PROCESSING OPTIONS.
	RelayTries = 3
	// BufferLen is the largest command data after chaining, and the largest answer before it.
	BufferLen = 768
	// ShortDataLen is the largest data field of a short APDU.
	ShortDataLen = 255
)

// Lengths of the fields of the payment protocol.
const (
	// PartyIDLen is the length of ID_B, ID_TSM, ID_M and ID_CA.
	PartyIDLen = 8
	// UserIDLen is the length of ID_U, and of a compact certificate's subject.
	UserIDLen = 16
	// AccountIDLen is the length of a bank account ID (the papers' AID).
	AccountIDLen = 16
	// SessionIDLen is the length of SID.
	SessionIDLen = 16
	// NonceLen is the length of n_B, n_T and n_S.
	NonceLen = 16
	// HandleLen is the length of the handle h.
	HandleLen = 16
	// HashLen is the length of SHA-256, and so of TID, c_T, rho and th.
	HashLen = 32
	// PointLen is the length of a P-256 public key: 04 || X || Y.
	PointLen = 65
	// SignatureLen is the length of an ECDSA signature r || s.
	SignatureLen = 64
	// MACLen is the length of an AES-CMAC.
	MACLen = 16
	// KeyLen is the length of an AES key.
	KeyLen = 16
	// SharedKeyLen is the length of K_B,U.
	SharedKeyLen = 32
	// LimitLen is the length of L, in minor units.
	LimitLen = 8
	// EpochLen is the length of an expiry.
	EpochLen = 4
	// CounterLen is the length of a channel's message counter.
	CounterLen = 4
	// SoftwareLen is the length of a software id as the SE keeps it: its length, 1 to 64 bytes,
	// zeros.
	SoftwareLen = 65
	// AttestLen is the length of a TPMS_ATTEST that quotes one PCR bank over SHA-256 names.
	AttestLen = 145
	// CertificateLen is the length of a compact certificate.
	CertificateLen = 158
	// PANLen is the length of a PAN: 19 digits and F.
	PANLen = 10
	// AmountLen is the length of an EMV amount, n12.
	AmountLen = 6
	// CurrencyLen is the length of an ISO 4217 numeric code, n3.
	CurrencyLen = 2
	// DateLen is the length of a date, YYMMDD.
	DateLen = 3
	// UNLen is the length of the unpredictable number.
	UNLen = 4
	// MerchantLen is the length of the merchant identifier, ans 15.
	MerchantLen = 15
	// ATCLen is the length of the application transaction counter.
	ATCLen = 2
	// ClassLen is the length of a card's class: limit n12, currency n3, expiry, kind.
	ClassLen = 13
	// CryptogramLen is the length of an ARQC, TC, AAC or ARPC.
	CryptogramLen = 8
	// TokenUnits is the largest number of units that one offline token holds.
	TokenUnits = 250
	// TokenLen is the length of an offline token, type and label included.
	TokenLen = 199
	// SeedTagLen is the length of a chain's seed tag: the first bytes of X of PK_t.
	SeedTagLen = 8
	// CheckpointGap is the distance of a chain's checkpoints: a spend computes one hash fewer.
	CheckpointGap = 9
	// Checkpoints is the number of a chain's checkpoints at most.
	Checkpoints = (TokenUnits + CheckpointGap - 1) / CheckpointGap
	// ChainSlice is how many steps of a chain one TOKEN CHAIN computes at most.
	ChainSlice = 63
	// PrefixLen is the length of what all signed and encrypted text begins with: type and label.
	PrefixLen = 1 + len(Label)
	// EntropyLen is the length of a terminal's or a card's relay resistance entropy.
	EntropyLen = 4
	// RelayLen is the length of what was exchanged against relays: both entropies, three times.
	RelayLen = 2*EntropyLen + 6
	// RelayMin is the shortest time in which a card answers relay resistance data, in 100 us.
	RelayMin = 0
	// RelayMax is the longest time in which it does, in 100 us.
	RelayMax = 100
	// RelayTransmission is how long that answer is expected to be on its way, in 100 us.
	RelayTransmission = 20
	// ClockSkew is by how many seconds a terminal's clock may lag behind the SE's epoch.
	ClockSkew = 86400
)

// Label stands in everything that is signed or encrypted, behind the message type.
const Label = "tapbench/1"
