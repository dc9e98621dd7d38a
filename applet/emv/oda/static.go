package oda

const staticObject = "signed static application data"

// AuthCode is the data authentication code (tag 9F45), which an issuer puts into signed static
// data.
type AuthCode [2]byte

// SignStatic makes signed static application data (tag 93; Book 2, 5.1 and table 3) over a card's
// static data.
func SignStatic(issuer *PrivateKey, code AuthCode, static []byte) []byte {
	fields := []byte{formatStatic, sha1Code, code[0], code[1]}
	return seal(issuer, padded(fields, len(issuer.public.Modulus)-frameLen), static)
}

// VerifyStatic checks signed static application data (Book 2, 5.4) and returns the code in them. An
// error is an [*Error].
func VerifyStatic(issuer PublicKey, signed, static []byte) (AuthCode, error) {
	block, err := open(issuer, signed, formatStatic, staticObject,
		[4]string{"5.4 step 1", "5.4 step 2", "5.4 step 3", "5.4 step 4"})
	switch {
	case err != nil:
		return AuthCode{}, err
	case block.fields[1] != sha1Code:
		return AuthCode{}, &Error{Object: staticObject, Clause: "5.4 step 6", Err: ErrAlgorithm}
	case !block.covers(static):
		return AuthCode{}, &Error{Object: staticObject, Clause: "5.4 step 7", Err: ErrHash}
	}
	return AuthCode(block.fields[2:4]), nil
}
