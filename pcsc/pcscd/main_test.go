//go:build cgo

package pcscd_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
	"tapbench/pcsc/pcscd"
	"tapbench/pcsc/vpcd"
)

// aloneVariable names the test that this process runs alone, with a service of its own.
const aloneVariable = "TAPBENCH_TEST_ALONE"

// shared is the service that the tests of this process share: libpcsclite allows one.
var shared struct {
	sync.Mutex
	daemon *daemon.Daemon
	slot   int
}

func TestMain(m *testing.M) {
	if daemon.MaybeHelper() {
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

// service returns the shared service, of eight slots.
func service(tb testing.TB) *daemon.Daemon {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.daemon != nil {
		return shared.daemon
	}
	config, err := daemontest.FindConfig("one", "two", "three", "four")
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

// freeSlot returns the next slot. The others of the round have long been left when it comes again.
func freeSlot(tb testing.TB) int {
	tb.Helper()
	d := service(tb)
	shared.Lock()
	defer shared.Unlock()
	shared.slot++
	return shared.slot % d.Slots()
}

// open returns a client of the service that is closed with the test.
func open(tb testing.TB, d *daemon.Daemon) *pcscd.Client {
	tb.Helper()
	client, err := pcscd.Open(tb.Context(), pcscd.Options{Socket: d.Socket()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// alone reports whether this process runs the test alone. If not, it runs it in one that does.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneVariable) == t.Name() {
		return true
	}
	command := exec.CommandContext(t.Context(), "/proc/self/exe",
		"-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	command.Env = append(os.Environ(), aloneVariable+"="+t.Name())
	out, err := command.CombinedOutput()
	if err != nil {
		t.Errorf("alone: %v\n%s", err, out)
	}
	if _, missing, skipped := strings.Cut(string(out), "light path: "); skipped {
		missing, _, _ = strings.Cut(missing, "\n")
		daemontest.Missing(t, missing)
	}
	if !strings.Contains(string(out), "--- PASS: "+t.Name()+" ") && !t.Failed() {
		t.Errorf("alone: the test didn't run:\n%s", out)
	}
	return false
}

// laid is a card that lies on a slot.
type laid struct {
	card   *fakeCard
	reader string
	served chan error // closed when the card has been taken away
	lift   context.CancelFunc
}

// lay lays a card on a slot until the test ends or it is taken away, and waits until the service
// knows it.
func lay(tb testing.TB, d *daemon.Daemon, slot int, card *fakeCard) *laid {
	tb.Helper()
	l := place(tb, d, slot, card)
	l.card = card
	tb.Cleanup(l.takeAway)
	return l
}

// place is lay of any card, without an end.
func place(tb testing.TB, d *daemon.Daemon, slot int, card pcsc.Processor) *laid {
	tb.Helper()
	client := open(tb, d)
	reader := d.ReaderName(slot)
	awaitReader(tb, client, reader, false)
	conn, err := d.DialSlot(tb.Context(), slot)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, lift := context.WithCancel(context.Background())
	l := &laid{reader: reader, served: make(chan error, 1), lift: lift}
	go func() {
		defer close(l.served)
		l.served <- vpcd.Serve(ctx, conn, card)
	}()
	awaitReader(tb, client, reader, true)
	return l
}

// takeAway takes the card away, whatever it does, and waits until it has lost its power.
func (l *laid) takeAway() {
	l.lift()
	for range l.served {
		continue
	}
}

// awaitReader waits until a card lies on the reader, or none.
func awaitReader(tb testing.TB, client *pcscd.Client, reader string, present bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	lies := false
	for event, err := range client.Watch(ctx) {
		if err != nil {
			tb.Fatalf("waiting for %s, card %t: %v", reader, present, err)
		}
		if event.Reader.Name != reader {
			continue
		}
		if lies = event.Reader.Present; lies == present {
			return
		}
	}
}

// fakeCard notes what happens to it and answers commands as process says, or with 9000.
type fakeCard struct {
	atr     []byte
	process func(command []byte) []byte

	mu     sync.Mutex
	events []string
}

func (c *fakeCard) note(event string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, event)
}

// count returns how often something has happened to the card.
func (c *fakeCard) count(event string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, e := range c.events {
		if e == event {
			n++
		}
	}
	return n
}

func (c *fakeCard) ATR() []byte {
	if c.atr == nil {
		return []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	}
	return c.atr
}
func (c *fakeCard) PowerOn()  { c.note("on") }
func (c *fakeCard) PowerOff() { c.note("off") }
func (c *fakeCard) Reset()    { c.note("reset") }

func (c *fakeCard) Process(command []byte) []byte {
	c.note("command")
	if c.process == nil {
		return []byte{0x90, 0x00}
	}
	return c.process(command)
}

var _ pcsc.Processor = (*fakeCard)(nil)

// connect connects to a laid card for the rest of the test.
func connect(
	tb testing.TB, client *pcscd.Client, l *laid, options pcscd.ConnectOptions,
) pcsc.Card {
	tb.Helper()
	card, err := client.Connect(tb.Context(), l.reader, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = card.Close() })
	return card
}
