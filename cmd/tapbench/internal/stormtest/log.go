package stormtest

import (
	"fmt"
	"maps"
	"sync"

	"tapbench/backend/store/examiner"
)

// log is what the storm has seen. Users, tills and killers write it.
type log struct {
	mu     sync.Mutex
	news   chan struct{} // closed and made anew when something happens
	counts Tally
	told   []examiner.Told
	faults []string
	// begun and passed count, by victim, what of its work has begun and gone through.
	begun, passed map[string]int
}

func newLog() *log {
	return &log{
		news: make(chan struct{}), counts: Tally{Kills: map[Victim]int{}},
		begun: map[string]int{}, passed: map[string]int{},
	}
}

// write changes the log and wakes those who wait for news.
func (l *log) write(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	close(l.news)
	l.news = make(chan struct{})
}

// changed returns a channel that is closed at the next change, and what has happened until now.
func (l *log) changed() (<-chan struct{}, Tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.counts
	t.Kills = maps.Clone(t.Kills)
	return l.news, t
}

func (l *log) tally() Tally {
	_, t := l.changed()
	return t
}

// work returns a channel that is closed at the next change, and how much of a victim's work has
// begun and gone through.
func (l *log) work(name string) (_ <-chan struct{}, begun, passed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.news, l.begun[name], l.passed[name]
}

// begin notes that work begins for each of names.
func (l *log) begin(names ...string) {
	l.write(func() {
		for _, name := range names {
			l.begun[name]++
		}
	})
}

// pass notes that work of each of names went through.
func (l *log) pass(names ...string) {
	l.write(func() {
		for _, name := range names {
			l.passed[name]++
		}
	})
}

// count notes that something has happened.
func (l *log) count(add func(t *Tally)) { l.write(func() { add(&l.counts) }) }

// fault notes what mustn't be.
func (l *log) fault(format string, args ...any) {
	l.write(func() { l.faults = append(l.faults, fmt.Sprintf(format, args...)) })
}

// acknowledge notes what a customer was told.
func (l *log) acknowledge(t examiner.Told) {
	l.write(func() {
		l.told = append(l.told, t)
		if t.Refund() {
			l.counts.Refunds++
		} else {
			l.counts.Payments++
			if t.ByToken() {
				l.counts.Offline++
			}
		}
	})
}

// void notes that a terminal may take back what it has acknowledged last.
func (l *log) void(terminal string) {
	l.write(func() {
		for i := len(l.told) - 1; i >= 0; i-- {
			if t := &l.told[i]; t.Terminal == terminal && !t.Refund() && !t.ByToken() {
				t.Voided = true
				return
			}
		}
	})
}
