package relay_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
)

func TestMain(m *testing.M) {
	if daemon.MaybeHelper() {
		return
	}
	if order := os.Getenv(relayVariable); order != "" {
		if err := runRelay(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	// Race-enabled wardens would sleep for a second before they end.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	m.Run()
	if shared.daemon != nil {
		if err := shared.daemon.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

// shared is the program's service. The tests of this process share it: libpcsclite allows one.
var shared struct {
	sync.Mutex
	daemon *daemon.Daemon
}

// private returns the program's service, of one reader with two slots.
func private(tb testing.TB) *daemon.Daemon {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.daemon != nil {
		return shared.daemon
	}
	config, err := daemontest.FindConfig("real")
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		shared.daemon, err = daemon.Start(ctx, config)
	}
	if daemontest.Unavailable(err) {
		daemontest.Missing(tb, err.Error())
	}
	if err != nil {
		tb.Fatal(err)
	}
	return shared.daemon
}
