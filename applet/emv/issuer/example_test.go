package issuer_test

import (
	"crypto/rand"
	"fmt"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
)

// An issuer draws its keys, gives a card its own, and reads its file again.
func Example() {
	keys, err := issuer.GenerateKeys(rand.Reader, cryptogram.VersionCVN18)
	if err != nil {
		fmt.Println(err)
		return
	}
	card, err := keys.Card("9999990000000003", 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	config, err := issuer.ParseFile(issuer.Encode([]issuer.Keys{keys}, issuer.PINs{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := config.Keys[0].Card("9999990000000003", 1)
	fmt.Println(config.Keys[0].Scheme, card, again == card, err)
	// Output: cvn18 Keys(hidden) true <nil>
}

// Orders are what a script has a card do; a PIN doesn't print.
func ExampleParseOrder() {
	for _, text := range []string{"unblock", "put 9F14 05", "pin 1234", "pin 12"} {
		order, err := issuer.ParseOrder(text)
		fmt.Println(order, err)
	}
	// Output:
	// unblock <nil>
	// put 9F14 <nil>
	// pin <nil>
	//  not a script: not a PIN: expected 4 to 12 digits
}
