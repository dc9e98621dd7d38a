// Package device is the flags by which a command line names a device, and what they open: a reader
// and the card on it (--reader), a secure element (--se), a model of reader and card
// (--reader-model), a TPM (--tpm), a state bound to it (--bind-state), an EMV card's profile
// (--profile), and the recording of what passes (--trace).
package device
