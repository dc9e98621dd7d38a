package compare_test

import (
	"fmt"
	"strings"

	"tapbench/applet/compare"
	"tapbench/pcsc/trace"
)

// Two taps: the amount differs, and so does the counter, as it must.
func ExampleDialogues() {
	const head = trace.Magic + "\n> 00 A4 04 00 0A F0 54 41 50 42 45 4E 43 48 02 00\n< 90 00\n"
	a, err := trace.NewReader(strings.NewReader(head +
		"> 80 AE 40 00 00\n< 77 09 9F 27 01 40 9F 36 02 00 01 90 00\n"))
	if err != nil {
		panic(err)
	}
	b, err := trace.NewReader(strings.NewReader(head +
		"> 80 AE 40 00 00\n< 77 09 9F 27 01 00 9F 36 02 00 02 90 00\n"))
	if err != nil {
		panic(err)
	}
	summary, err := compare.Dialogues(a, b, func(e compare.Event) error {
		for _, x := range e.Elements {
			fmt.Printf("line %d: %v %s: %X -> %X %v\n", e.A.Line, x.Tag, x.Name, x.A, x.B, x.Verdict)
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(summary.Agree())
	// Output:
	// line 4: 9F27 cryptogram information data: 40 -> 00 differs
	// line 4: 9F36 application transaction counter: 0001 -> 0002 varies
	// false
}
