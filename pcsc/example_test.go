package pcsc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

// A session follows 61xx by itself and turns a refusal into an error that names it.
func ExampleSession_Exchange() {
	card, err := trace.NewPlayer(strings.NewReader(`# tapbench-apdu v1
> 00 A4 04 00 05 A0 00 00 00 04 00
< 61 04
> 00 C0 00 00 04
< 6F 02 84 00 90 00
> 00 B2 05 0C 00
< 6A 83
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	session := pcsc.NewSession(card)
	ctx := context.Background()

	fci, err := session.Exchange(ctx, apdu.Command{
		INS: 0xA4, P1: 0x04, Data: []byte{0xA0, 0, 0, 0, 4}, Ne: 256,
	})
	fmt.Printf("% X %v\n", fci.Data, err)

	_, err = session.Exchange(ctx, apdu.Command{INS: 0xB2, P1: 5, P2: 0x0C, Ne: 256})
	fmt.Println(errors.Is(err, apdu.SWRecordNotFound), err)
	fmt.Println(session.Close())
	// Output:
	// 6F 02 84 00 <nil>
	// true command 00 B2 05 0C answered 6A83 record not found
	// <nil>
}
