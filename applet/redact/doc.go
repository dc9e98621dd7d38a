// Package redact decides what of a dialogue with a card may be written into a recording: secrets
// are replaced before they reach the disk.
//
//	redactor := redact.New(redact.Config{})     // one for each file
//	recorder, err := trace.NewRecorder(card, file, trace.Options{Redact: redactor.Redact})
//	…
//	for _, warning := range redactor.Warnings() {
//		fmt.Fprintln(os.Stderr, warning)
//	}
//
// # What stays
//
// An allow-list, that of package decode, says which data elements stay in clear, and which of them
// differ from run to run. So do PANs of the test IIN (emv.TestIIN) and track data with such a PAN:
// a recording of our own cards and tokens replays whole; who has it can find a card or token that
// was shown again, as the merchant can. All else is written as a stand-in: values of elements
// on no list, bytes that nobody can name, whatever is said under secure messaging. Command headers,
// lengths, tags and status words stay.
//
// Certificates and signatures of a payment application, its log, and what is said to it under
// secure messaging stay if the card is a test card: if each account number that it has shown since
// its selection is of the test IIN. Of anybody else's card they are stand-ins: the account number
// can be recovered from them, or tried against them.
//
// # Stand-ins
//
// A stand-in has the length of its secret and is marked as a stand-in in the trace. Within a file
// the same secret has the same one, so that a dialogue still hangs together; in another file, with
// another key, it has another. It is computed by a pseudo-random function of the file's key, which
// is written nowhere.
//
//   - A PAN becomes a number of the test IIN with as many digits, a valid check digit, and the same
//     padding: the same number in 5A, in track 2 and in track 1.
//   - Track data keeps its separators; expiry, service code and discretionary data become digits
//     that could be some.
//   - Text becomes capital letters, and digits where it has some; numbers become digits.
//   - A PIN becomes bytes of the nibbles A to E, which are a PIN in no coding: not in ASCII, not in
//     BCD, not in a PIN block of ISO 9564-1.
//   - Everything else becomes bytes that look random.
//
// PANs, names, PINs and keys are recognised where they appear once more in a value that may be
// kept: in its bytes, and PANs also shifted by a digit and in ASCII. This is a second line: what is
// remembered are the latest 64 of 6 to 256 bytes, and no value whose bytes are nearly all the same.
//
// # Limits
//
// A stand-in tells the length of its secret and where it appears again. Of two different secrets
// both may get the same stand-in, the sooner the shorter they are. Of an application that nobody
// knows, SELECT's name and the card's answer to it stay in clear as far as ISO/IEC 7816-4 says what
// they are.
package redact
