package cardcheck

import (
	"context"
	"fmt"
	"time"

	"tapbench/applet/conformance"
)

// Walks takes n fresh cards through each command of the registry, to learn how long each takes. A
// walk is a case of the result.
func Walks(ctx context.Context, cfg Config, n int) *Result {
	began := time.Now()
	r := &runner{ctx: ctx, cfg: cfg, speed: NewMeter()}
	top := &test{runner: r}
	for i := range n {
		top.Run(fmt.Sprintf("walk %d", i+1), func(t conformance.T) {
			card := cfg.Caps.Platform.Element(r.open(t))
			t.Cleanup(func() {
				if err := card.Close(); err != nil {
					t.Error(err)
				}
			})
			conformance.NewHost(t, card).Everything()
		})
	}
	r.result.Commands, r.result.Took = r.speed.Commands(), time.Since(began)
	return &r.result
}
