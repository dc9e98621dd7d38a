package oda

// SealForTest signs any fields, cut or filled up to what fits.
func SealForTest(key *PrivateKey, fields, more []byte) []byte {
	room := len(key.public.Modulus) - frameLen
	if len(fields) > room {
		fields = fields[:room]
	}
	return seal(key, padded(append([]byte(nil), fields...), room), more)
}
