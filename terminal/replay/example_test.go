package replay_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tapbench/pcsc/trace"
	"tapbench/terminal/replay"
)

// The recorded terminal went on without an application; ours stops there.
func ExampleRun() {
	steps, err := trace.NewReader(strings.NewReader(trace.Magic + `
> 00 A4 04 00 0E 32 50 41 59 2E 53 59 53 2E 44 44 46 30 31 00
< 6A 82
> 80 A8 00 00 02 83 00 00
< 69 85
`))
	if err != nil {
		panic(err)
	}
	report, err := replay.Run(context.Background(), steps, replay.Config{})
	if err != nil {
		panic(err)
	}
	for _, tap := range report.Taps {
		if d := tap.Difference; d != nil {
			fmt.Printf("line %d: %s: %s\n", d.Line, d.Name, d.What)
		}
	}
	steps, err = trace.NewReader(strings.NewReader(trace.Magic + "\n"))
	if err != nil {
		panic(err)
	}
	_, err = replay.Run(context.Background(), steps, replay.Config{})
	fmt.Println(errors.Is(err, replay.ErrNoTap))
	// Output:
	// line 4: GET PROCESSING OPTIONS: nobody asked for command 80 A8 00 00 (8 bytes)
	// true
}
