package stormtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tapbench/backend/store/examiner"
	"tapbench/cmd/tapbench/internal/exhibits"
)

// Victim is what is killed.
type Victim string

// The victims.
const (
	Bank     Victim = "bank"
	TSM      Victim = "TSM"
	Terminal Victim = "terminal"
)

// Config says how long a storm lasts, and how it goes.
type Config struct {
	Dir  string // an existing folder with a short path: sockets lie in it
	Seed uint64 // of all random choices
	// Phones is how many users there are, each with a terminal.
	Phones int
	// Kills, Payments and For are what has to be reached: kills of each victim, payments that were
	// acknowledged, and time.
	Kills    int
	Payments int
	For      time.Duration
	// Until, if set, has to be true as well. It is asked when something has happened.
	Until func(Tally) bool
	// Between, if set, is called between a kill and the next start with the victim's file, a store or
	// a terminal's folder, and what has happened until then. It may do what no disk should. With true
	// the storm is over: the victim starts again, and has only to finish what is open. It is called
	// from several goroutines, from one for each victim.
	Between func(v Victim, path string, t Tally) (over bool, err error)
	// Failed, if set, is told why an act broke off. It is called from several goroutines.
	Failed func(err error)
	// Minute, if set, is told each minute how far the storm is.
	Minute func(Tally)
}

// Tally is what has happened.
type Tally struct {
	Kills         map[Victim]int
	Registrations int // TSM accounts that were funded
	Payments      int // acknowledged, or voided since
	Offline       int // of these, by token
	Claimed       int // times that a terminal's claims were brought to the TSM
	Refunds       int // acknowledged
	Voids         int
	Days          int // closed
	Failures      int // acts that broke off, and were begun again
}

// String returns the tally as a line.
func (t Tally) String() string {
	return fmt.Sprintf("killed: bank %d, TSM %d, terminals %d; registrations %d, payments %d, "+
		"%d of them by token, settled %d times, refunds %d, voids %d, closed days %d; broken off %d",
		t.Kills[Bank], t.Kills[TSM], t.Kills[Terminal], t.Registrations, t.Payments, t.Offline,
		t.Claimed, t.Refunds, t.Voids, t.Days, t.Failures)
}

// Result is what a storm has come to.
type Result struct {
	Tally
	Report examiner.Report
	// Faults is what mustn't be: findings of the examiner, and what was still open at the end.
	Faults []string
}

// Run starts a bench, storms until all of c is reached or ctx is done, lets everybody finish, ends
// the bench and examines its files. An error means that the storm itself couldn't go on.
func Run(ctx context.Context, c Config) (result Result, err error) {
	// Whoever ends the storm doesn't end the examination.
	s := &storm{Config: c, log: newLog()}
	calm := context.WithoutCancel(ctx)
	if err := s.start(calm); err != nil {
		return result, fmt.Errorf("starting the bench: %w", err)
	}
	defer s.stop()
	if err := s.blow(ctx); err != nil {
		return result, err
	}
	if err := s.finish(calm); err != nil {
		return result, err
	}
	result.Tally = s.log.tally()
	files, err := s.files()
	if err != nil {
		return result, err
	}
	result.Report, err = examiner.Examine(calm, files)
	for _, f := range result.Report.Findings {
		s.log.fault("%s", f)
	}
	for _, p := range result.Report.Places {
		if p.Name == examiner.PlaceUnderWay && p.Minor != 0 {
			s.log.fault("%d are still under way", p.Minor)
		}
	}
	result.Faults = s.log.faults
	return result, err
}

// storm is one under way.
type storm struct {
	Config
	*stand
	log *log
	end context.CancelFunc // of users and killers
}

// blow lets users and killers loose until enough has happened.
func (s *storm) blow(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.end = func() { cancel(nil) }
	var users, killers sync.WaitGroup
	for i, p := range s.phones {
		u := &user{storm: s, phone: p, till: s.tills[i], dice: s.dice(uint64(i))}
		users.Go(func() {
			if err := u.live(ctx); err != nil {
				cancel(err)
			}
		})
	}
	for i, hunt := range []func(context.Context, *rand.Rand) error{
		s.huntBank, s.huntTSM, s.huntTills,
	} {
		dice := s.dice(uint64(1000 + i))
		killers.Go(func() {
			if err := hunt(ctx, dice); err != nil {
				cancel(err)
			}
		})
	}
	s.await(ctx)
	cancel(nil)
	killers.Wait()
	users.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err // a user's or a killer's
	}
	return nil
}

// dice returns a source of choices of its own.
func (s *storm) dice(n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(s.Seed, n)) //nolint:gosec // it is to come again
}

// await waits until all is reached, and tells how far it is.
func (s *storm) await(ctx context.Context) {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	enough := time.NewTimer(s.For)
	defer enough.Stop()
	over := false
	for {
		changed, t := s.log.changed()
		if over && s.reached(t) {
			return
		}
		select {
		case <-changed:
		case <-enough.C:
			over = true
		case <-minute.C:
			if s.Minute != nil {
				s.Minute(t)
			}
		case <-ctx.Done():
			return
		}
	}
}

// reached reports whether enough has happened.
func (s *storm) reached(t Tally) bool {
	return t.Payments >= s.Payments && (s.Until == nil || s.Until(t)) &&
		min(t.Kills[Bank], t.Kills[TSM], t.Kills[Terminal]) >= s.Kills
}

// files returns what is to be examined.
func (s *storm) files() (examiner.Files, error) {
	f := examiner.Files{
		Stores: []string{s.bank.store, s.tsm.store}, Told: s.log.told, Claims: []examiner.Claimed{},
	}
	for _, t := range s.tills {
		f.Tills = append(f.Tills, t.folder)
		claimed, err := exhibits.Claims(filepath.Join(t.folder, "claims"))
		if err != nil {
			return f, err
		}
		f.Claims = append(f.Claims, claimed...)
	}
	for _, p := range s.phones {
		held, err := exhibits.State(fmt.Sprintf("element %d", p.n), p.cells.state)
		if err != nil {
			return f, err
		}
		f.Held = append(f.Held, held...)
	}
	return f, nil
}

// folder makes a folder of the bench.
func folder(parts ...string) (string, error) {
	path := filepath.Join(parts...)
	return path, os.MkdirAll(path, 0o700)
}
