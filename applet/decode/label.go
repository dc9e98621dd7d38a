package decode

// String returns the phase in words, such as "phase 5: reading the card".
func (p Phase) String() string {
	switch p {
	case Other:
		return "other"
	case Selection:
		return "selection"
	case Personalisation:
		return "phase 0: personalisation"
	case Attestation:
		return "phase 1: attestation"
	case BankAccount:
		return "phase 2: bank account ID"
	case TSMAccount:
		return "phase 3: TSM account ID"
	case Cards:
		return "phase 4: virtual cards"
	case Initiation:
		return "phase 5: initiation"
	case Reading:
		return "phase 5: reading"
	case Authorisation:
		return "phase 5: authorisation"
	default:
		return "other"
	}
}

// Label returns the label under which a recording keeps a value of this variation: 1 to 16 small
// letters and hyphens, or "" for Constant.
func (v Variation) Label() string {
	switch v {
	case Constant:
		return ""
	case Challenge:
		return "un"
	case Counter:
		return "atc"
	case Cryptogram:
		return "cryptogram"
	case Signature:
		return "signature"
	case Ciphertext:
		return "ciphertext"
	case FreshKey:
		return "public-key"
	case FreshIdentity:
		return "identity"
	case DateTime:
		return "date"
	case ProtocolStatus:
		return "status"
	default:
		return ""
	}
}

// Label returns the label under which a recording keeps a stand-in for a value of this secrecy: 1
// to 16 small letters and hyphens, or "" for Clear.
func (s Secrecy) Label() string {
	switch s {
	case Clear:
		return ""
	case PAN:
		return "pan"
	case Track:
		return "track"
	case Holder:
		return "name"
	case PIN:
		return "pin"
	case Key:
		return "key"
	case Secured:
		return "secured"
	case Signed:
		return "signed"
	case History:
		return "history"
	case Unknown:
		return "data"
	default:
		return "data"
	}
}
