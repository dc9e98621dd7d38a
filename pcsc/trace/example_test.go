package trace_test

import (
	"context"
	"fmt"
	"os"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

// A recorder shows of each exchange what its redactor allows; without one, no data at all.
func ExampleNewRecorder() {
	inner := &card{transmit: echo}
	recorder, err := trace.NewRecorder(inner, os.Stdout, trace.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	session := pcsc.NewSession(recorder)
	verify := apdu.Command{INS: 0x20, P2: 0x80, Data: []byte("1234")}
	if _, err := session.Exchange(context.Background(), verify); err != nil {
		fmt.Println(err)
	}
	// Output:
	// # tapbench-apdu v1
	// atr: 3B 00
	// protocol: T=0
	// > 00 20 00 80 04 [data 4]
	// < [data 9] 90 00
}
