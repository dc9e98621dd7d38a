package stormtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const (
	// soakVariable says how long to storm.
	soakVariable = "TAPBENCH_SOAK"
	// SeedVariable names the seed of a storm, to make its choices again.
	SeedVariable = "TAPBENCH_STORM_SEED"
	// soakPhones is how many users a soak has.
	soakPhones = 4
)

// Seed returns the seed that the environment asks for, or a new one.
func Seed() (uint64, error) {
	text := os.Getenv(SeedVariable)
	if text == "" {
		return rand.Uint64(), nil //nolint:gosec // it hides nothing
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", SeedVariable, err)
	}
	return n, nil
}

// soak storms for a long time, or until it is interrupted, and says what came of it. It returns an
// exit code. The files of a storm in which something was wrong are kept.
func soak(long string, out, log io.Writer) int {
	if err := soakIn(long, out); err != nil {
		_, _ = fmt.Fprintln(log, "soak:", err)
		return 1
	}
	return 0
}

// errFaults means that something was lost, doubled or left open.
var errFaults = errors.New("this mustn't be")

func soakIn(long string, out io.Writer) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal ends it at once
	c := Config{Phones: soakPhones, Kills: 1, Payments: 1}
	if c.For, err = time.ParseDuration(long); err != nil {
		return fmt.Errorf("%s: %w", soakVariable, err)
	}
	if c.Seed, err = Seed(); err != nil {
		return err
	}
	if c.Dir, err = os.MkdirTemp("", "storm"); err != nil {
		return err
	}
	start := time.Now()
	say := func(t Tally) {
		_, _ = fmt.Fprintf(out, "%8s  %s\n", time.Since(start).Round(time.Second), t)
	}
	c.Minute = say
	_, _ = fmt.Fprintf(out, "storm of %v, %s=%d; Ctrl-C ends it\n", c.For, SeedVariable, c.Seed)
	result, err := Run(ctx, c)
	if err != nil {
		return fmt.Errorf("%w; kept: %s", err, c.Dir)
	}
	say(result.Tally)
	_, _ = fmt.Fprintf(out, "%d payments stand, %d were taken back\n",
		result.Report.Payments, result.Report.Reversed)
	for _, fault := range result.Faults {
		_, _ = fmt.Fprintln(out, "FAULT ", fault)
	}
	if len(result.Faults) > 0 {
		return fmt.Errorf("%w; kept: %s", errFaults, c.Dir)
	}
	_, _ = fmt.Fprintln(out, "nothing lost, nothing doubled, nothing left open")
	return os.RemoveAll(c.Dir)
}
