package stormtest

import (
	"context"
	"math/rand/v2"
	"time"
)

// alone is how seldom a terminal that starts again takes payments by token only.
const alone = 3

// spell is the longest time from a kill's occasion to the kill.
const spell = 150 * time.Millisecond

func (s *storm) huntBank(ctx context.Context, dice *rand.Rand) error {
	return s.huntServer(ctx, dice, s.bank)
}

func (s *storm) huntTSM(ctx context.Context, dice *rand.Rand) error {
	return s.huntServer(ctx, dice, s.tsm)
}

// huntServer kills a server again and again.
func (s *storm) huntServer(ctx context.Context, dice *rand.Rand, server *server) error {
	for s.lurk(ctx, dice, string(server.victim)) {
		if err := server.kill(); err != nil {
			return err
		}
		if err := s.killed(server.victim, server.store); err != nil {
			return err
		}
		if err := server.start(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// huntTills kills one terminal or another.
func (s *storm) huntTills(ctx context.Context, dice *rand.Rand) error {
	for {
		t := s.tills[dice.IntN(len(s.tills))]
		if !s.lurk(ctx, dice, t.name) {
			return nil
		}
		if err := t.kill(); err != nil {
			return err
		}
		if err := s.killed(Terminal, t.folder); err != nil {
			return err
		}
		err := t.claim(context.WithoutCancel(ctx))
		if err != nil && s.Failed != nil {
			s.Failed(err) // the TSM is gone, too: another time
		}
		t.listed = t.listed || err == nil
		t.only = dice.IntN(alone) == 0 && t.listed
		if err := t.start(ctx); err != nil {
			return err
		}
	}
}

// killed counts a kill and lets the test have its way.
func (s *storm) killed(v Victim, path string) error {
	s.log.count(func(t *Tally) { t.Kills[v]++ })
	if s.Between == nil {
		return nil
	}
	over, err := s.Between(v, path, s.log.tally())
	if over {
		s.end() // before the victim is there again
	}
	return err
}

// lurk waits for the moment of a kill: a random time after the victim's next work has begun, and
// half of the times only once something has gone through before. It returns false when the storm is
// over.
func (s *storm) lurk(ctx context.Context, dice *rand.Rand, name string) bool {
	patient, after := dice.IntN(2) == 0, time.Duration(dice.Int64N(int64(spell)))
	_, begun, passed := s.log.work(name)
	for {
		news, b, p := s.log.work(name)
		if patient && p > passed {
			patient, begun = false, b
		}
		if !patient && b > begun {
			break
		}
		select {
		case <-news:
		case <-ctx.Done():
			return false
		}
	}
	wait(ctx, after)
	return ctx.Err() == nil
}
