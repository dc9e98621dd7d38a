package wallet_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/tpm"
	"tapbench/tpm/quote"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// manyPhones is how many phones register at once.
const manyPhones = 8

// BenchmarkRegister takes one phone through phases 2 to 4: a bank account ID, a TSM account, eight
// cards. Phases 0 and 1 come before and aren't measured; the stores are on the disk, the element is
// the emulator. The TPM's time isn't counted in "ours": the baseline, in baseline_test.go, makes as
// many keys, agreements, signatures, verifications and durable commits, and nothing makes a quote
// but a TPM. "steps" says what each party needs for each step, the TPM too, in ms a phone.
func BenchmarkRegister(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		s := wallettest.New(b)
		b.ResetTimer()
		b.StopTimer()
		for i := range b.N {
			w := newWatch()
			w.running = func(ours bool) {
				if ours {
					b.StartTimer()
				} else {
					b.StopTimer()
				}
			}
			newRegistrant(b, s, i, w).register(b)
			b.StopTimer()
		}
	})
	b.Run("baseline", baselineRegister)
	b.Run("steps", func(b *testing.B) {
		s := wallettest.New(b)
		sum := map[string]time.Duration{}
		for i := range b.N {
			w := newWatch()
			newRegistrant(b, s, i, w).register(b)
			for step, d := range w.spent {
				sum[step] += d
			}
		}
		for step, d := range sum {
			b.ReportMetric(float64(d)/float64(time.Millisecond)/float64(b.N), step+"-ms")
		}
		b.ReportMetric(0, "ns/op") // phases 0 and 1 are in it
	})
}

// BenchmarkRegisterMany sets the time for each of many phones that go through phases 2 to 4 at once
// beside that of one after the other. They share one TPM, bank and TSM, as well as the cores.
func BenchmarkRegisterMany(b *testing.B) {
	b.Run("ours", func(b *testing.B) { registerMany(b, manyPhones) })
	b.Run("baseline", func(b *testing.B) { registerMany(b, 1) })
}

// registerMany has b.N phones register, so many at once. All of them wait at the beginning of phase
// 2 until the others are there.
func registerMany(b *testing.B, atOnce int) {
	b.Helper()
	s := wallettest.New(b)
	var tpmLock sync.Mutex
	b.ResetTimer()
	b.StopTimer()
	for first := 0; first < b.N; first += atOnce {
		n := min(atOnce, b.N-first)
		var there, over sync.WaitGroup
		there.Add(n)
		start := make(chan struct{})
		for i := range n {
			w := newWatch()
			r := newRegistrant(b, s, first+i, w)
			r.tpm.lock = &tpmLock
			r.began = func() {
				there.Done()
				<-start
			}
			over.Go(func() { r.register(b) })
		}
		there.Wait()
		b.StartTimer()
		close(start)
		over.Wait()
		b.StopTimer()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "phones/s")
}

// watch measures what each party spends on each step, from the beginning of phase 2 on. What one
// party waits for another is the other's.
type watch struct {
	began   bool
	at      time.Time
	stack   []string
	spent   map[string]time.Duration
	running func(bool) // called when the TPM begins (false) and has ended (true); nil: not needed
}

func newWatch() *watch {
	return &watch{stack: []string{"wallet"}, spent: map[string]time.Duration{}}
}

// begin begins phase 2.
func (w *watch) begin() {
	w.began, w.at = true, time.Now()
	w.run(true)
}

func (w *watch) run(on bool) {
	if w.running != nil {
		w.running(on)
	}
}

func (w *watch) lap() {
	if w.began {
		now := time.Now()
		w.spent[w.stack[len(w.stack)-1]] += now.Sub(w.at)
		w.at = now
	}
}

func (w *watch) push(step string) {
	w.lap()
	w.stack = append(w.stack, strings.ReplaceAll(step, " ", "-"))
}

func (w *watch) pop() {
	w.lap()
	w.stack = w.stack[:len(w.stack)-1]
}

// registrant is a phone that goes through phases 2 to 4.
type registrant struct {
	*wallettest.System
	watch  *watch
	tpm    *watchedTPM
	wallet *wallet.Wallet
	user   string
	once   sync.Once
	began  func() // at the beginning of phase 2
}

// newRegistrant returns the i-th phone of a system, before phase 0.
func newRegistrant(b *testing.B, s *wallettest.System, i int, w *watch) *registrant {
	b.Helper()
	r := &registrant{System: s.Another(b), watch: w, user: fmt.Sprintf("user%d", i)}
	var seed [tpm.SeedSize]byte
	binary.BigEndian.PutUint64(seed[8:], uint64(i)+100)
	phone, err := wallet.NewPhone(b.Context(), s.TPM, seed, s.List)
	if err != nil {
		b.Fatal(err)
	}
	r.tpm = &watchedTPM{Attester: phone, watch: w, lock: new(sync.Mutex)}
	r.Attester = r.tpm
	r.Session = pcsc.NewSession(watchedCard{pcsc.NewDirect(r.Card), r})
	r.wallet = r.NewWallet(b)
	return r
}

// register is phases 0 to 4.
func (r *registrant) register(b *testing.B) {
	b.Helper()
	ctx := b.Context()
	err := r.wallet.Open(ctx, wallet.OpenOptions{
		Release: r.Release(), Bank: watchedServer{r.BankFor(message.PartyID{}), r.watch, "bank"},
		User: message.NewUserID(r.user), Deposit: 20000, Limit: 10000,
	})
	if err != nil {
		b.Error(err)
		return
	}
	tsm := watchedServer{r.TSMServer(), r.watch, "TSM"}
	if err := r.wallet.Register(ctx, wallet.RegisterOptions{TSM: tsm}); err != nil {
		b.Error(err)
		return
	}
	if n, err := r.wallet.Refill(ctx, tsm, wire.CardSlots); err != nil || n != wire.CardSlots {
		b.Error(n, err)
	}
}

// watchedCard is the element.
type watchedCard struct {
	pcsc.Card
	r *registrant
}

func (c watchedCard) Transmit(ctx context.Context, raw []byte) ([]byte, error) {
	ins := wire.INS(raw[1])
	if ins == wire.InsAIDRequest {
		c.r.once.Do(func() {
			if c.r.began != nil {
				c.r.began()
			}
			c.r.watch.begin()
		})
	}
	step, ok := watchedCommands()[ins]
	if !ok {
		step = "other commands"
	}
	c.r.watch.push("SE/" + step)
	defer c.r.watch.pop()
	return c.Card.Transmit(ctx, raw)
}

// watchedCommands names the commands that have a line of their own.
func watchedCommands() map[wire.INS]string {
	return map[wire.INS]string{
		wire.InsAIDRequest: "AID REQUEST", wire.InsAIDReply: "AID REPLY",
		wire.InsAIDKeys: "AID KEYS", wire.InsAIDGrant: "AID GRANT",
		wire.InsTIDRegister: "TID REGISTER", wire.InsTIDReply: "TID REPLY", wire.InsBINFO: "BINFO",
		wire.InsTSMINFO: "TSMINFO", wire.InsTIDStatus: "TID STATUS",
		wire.InsPutEpochKey: "PUT EPOCH KEY", wire.InsCardRequest: "CARD REQUEST",
		wire.InsCardPut: "CARD PUT", wire.InsLaunch: "LAUNCH",
	}
}

// watchedServer is the bank or the TSM; what the TSM asks the bank is the TSM's here.
type watchedServer struct {
	*wallettest.Server
	watch *watch
	party string
}

func (s watchedServer) Post(ctx context.Context, path string, request, answer any) error {
	s.watch.push(s.party + strings.TrimPrefix(path, "/v1"))
	defer s.watch.pop()
	return s.Server.Post(ctx, path, request, answer)
}

// watchedTPM is the phone's TPM.
type watchedTPM struct {
	wallet.Attester
	watch *watch
	lock  *sync.Mutex // phones that share one take turns
}

func (p *watchedTPM) turn(step string) (done func()) {
	p.watch.push("TPM/" + step)
	if p.watch.began {
		p.watch.run(false)
	}
	p.lock.Lock()
	return func() {
		p.lock.Unlock()
		if p.watch.began {
			p.watch.run(true)
		}
		p.watch.pop()
	}
}

func (p *watchedTPM) EKCertificate(ctx context.Context) ([]byte, error) {
	defer p.turn("EK")()
	return p.Attester.EKCertificate(ctx)
}

func (p *watchedTPM) AK(ctx context.Context) ([]byte, message.PublicKey, error) {
	defer p.turn("AK")()
	return p.Attester.AK(ctx)
}

func (p *watchedTPM) ActivateCredential(ctx context.Context, blob, secret []byte) ([]byte, error) {
	defer p.turn("credential")()
	return p.Attester.ActivateCredential(ctx, blob, secret)
}

func (p *watchedTPM) Evidence(ctx context.Context, q quote.Binding) ([]byte, error) {
	defer p.turn("evidence")()
	return p.Attester.Evidence(ctx, q)
}

func (p *watchedTPM) LaunchQuote(
	ctx context.Context, q quote.Binding,
) ([]byte, message.Signature, error) {
	defer p.turn("launch quote")()
	return p.Attester.LaunchQuote(ctx, q)
}

func (p *watchedTPM) LaunchPCR(ctx context.Context) ([32]byte, error) {
	defer p.turn("PCR")()
	return p.Attester.LaunchPCR(ctx)
}
