package budget_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"tapbench/applet/budget"
	"tapbench/pcsc/trace"
)

// A tap of six APDUs against a budget of five.
func ExampleMeter_Check() {
	limits, err := budget.Parse(strings.NewReader(budget.Magic + `
tap apdus 5
phase reading bytes 300
`))
	if err != nil {
		panic(err)
	}
	steps, err := trace.NewReader(strings.NewReader(trace.Magic + "\n" + tap))
	if err != nil {
		panic(err)
	}
	meter := budget.NewMeter()
	for {
		step, err := steps.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			panic(err)
		}
		meter.Step(step)
	}
	for _, r := range meter.Check(limits) {
		fmt.Println(r.Verdict, r.Limit, r.Measured)
	}
	// Output:
	// exceeded tap apdus 5 6
	// kept phase reading bytes 300 18
}
