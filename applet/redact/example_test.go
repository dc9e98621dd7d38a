package redact_test

import (
	"encoding/hex"
	"fmt"

	"tapbench/applet/redact"
)

// A PIN that is sent to an application is replaced, and a warning says so.
func Example() {
	redactor := redact.New(redact.Config{})
	verify, _ := hex.DecodeString("002000010431323334")
	command, answer := redactor.Redact(verify, []byte{0x90, 0x00})
	for _, part := range append(command, answer...) {
		fmt.Printf("%q %d\n", part.Label, len(part.Bytes))
	}
	fmt.Println(redactor.Warnings()[0])
	// Output:
	// "" 5
	// "pin" 4
	// "" 2
	// VERIFY to the card's first application carries a PIN: the recording holds a stand-in
}
