package boundtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// life is one path from a new index to its end.
type life struct {
	search Search
	path   *choices
	result *Result

	nv        NV
	disk      disk
	at        int // which copy lies on the disk; -1: none
	lastAt    int // which one the element ran with last; -1: none
	telling   bool
	story     []string
	answers   map[byte]uint16 // by index: the transcript of its answer
	fresh     uint16          // transcripts so far
	startCuts int
}

// state is an element's: its index, and the transcript that this one is answered under.
type state struct {
	index      byte
	transcript uint16
}

func decode(raw []byte) state {
	if len(raw) != 3 {
		return state{}
	}
	return state{raw[0], binary.BigEndian.Uint16(raw[1:])}
}

func (s state) encode() []byte {
	return binary.BigEndian.AppendUint16([]byte{s.index}, s.transcript)
}

func (l *life) tell(format string, values ...any) {
	if l.telling {
		l.story = append(l.story, fmt.Sprintf(format, values...))
	}
}

func newLife(s Search, path *choices, r *Result) *life {
	return &life{search: s, path: path, result: r, lastAt: -1, answers: make(map[byte]uint16)}
}

// answer gives an index its answer.
func (l *life) answer(s state) {
	before, given := l.answers[s.index]
	if s.index > 0 && given && before != s.transcript {
		l.tell("index %d: transcript %d after %d", s.index, s.transcript, before)
		l.result.Double = append([]string{}, l.story...)
	}
	l.answers[s.index] = s.transcript
}

// wrong ends the search.
func (l *life) wrong(why string) {
	l.tell("wrong: %s", why)
	l.result.Wrong = append([]string{}, l.story...)
}

func (l *life) run() (err error) {
	if l.nv, err = l.search.NV(); err != nil {
		return err
	}
	if l.search.Adopt {
		l.fresh++
		l.disk.write(state{1, l.fresh}.encode())
	}
	l.at = len(l.disk.copies) - 1
	for on := true; on && err == nil && !l.result.over(); {
		on, err = l.start()
	}
	return err
}

// putBack chooses what lies on the disk, and says whether that is what was left there.
func (l *life) putBack() (asLeft bool, err error) {
	_, written, err := l.nv.Read(context.Background())
	if err != nil || !written && l.search.Adopt {
		return true, err // before it is bound, nothing keeps it from being copied
	}
	type option struct {
		content []byte
		at      int
	}
	options := []option{{l.disk.content, l.at}} // as it was left
	if l.disk.content != nil {
		options = append(options, option{nil, -1})
	}
	for at, content := range l.disk.copies {
		if at != l.at {
			options = append(options, option{content, at})
		}
	}
	n := l.path.pick(len(options))
	l.disk.content, l.at = options[n].content, options[n].at
	switch {
	case n == 0:
		l.tell("started as it was left")
	case l.at < 0:
		l.tell("started without the file")
	default:
		l.tell("started with copy %d", l.at)
	}
	return n == 0, nil
}

// start starts the element on what lies there. It says whether the life goes on.
func (l *life) start() (on bool, err error) {
	asLeft, err := l.putBack()
	if err != nil {
		return false, err
	}
	l.result.Starts++
	p := &power{cut: l.cutsStart}
	store := l.search.Rule(poweredDisk{&l.disk, p}, poweredNV{l.nv, p})
	before, _, _ := l.nv.Read(context.Background())
	raw, err := store.Load()
	after, _, _ := l.nv.Read(context.Background())
	switch {
	case errors.Is(err, ErrPower):
		l.left()
		return true, nil
	case err != nil:
		l.result.Locked++
		l.tell("locked: %v", err)
		if asLeft {
			l.wrong("nothing was put back")
		}
		if before != after {
			l.wrong("the index was extended")
		}
		return false, nil
	case before != after:
		l.result.Forward++
	}
	if l.at < l.lastAt && l.search.Strict {
		l.wrong("an older copy was taken")
	}
	l.left()
	l.lastAt = l.at
	s := decode(raw)
	l.answer(s) // the last answer again, byte for byte
	return !l.result.over() && l.commits(store, s, p), nil
}

// left notes what lies on the disk now.
func (l *life) left() {
	if n := len(l.disk.copies); n > 0 && l.disk.content != nil &&
		&l.disk.content[0] == &l.disk.copies[n-1][0] {
		l.at = n - 1
	}
}

// cutsStart chooses whether the power goes before a step of a start.
func (l *life) cutsStart() bool {
	if l.startCuts == l.search.StartCuts || l.path.pick(2) == 0 {
		return false
	}
	l.startCuts++
	l.tell("power cut while it starts")
	return true
}

// commits has the element commit until its power goes. It says whether the life goes on.
func (l *life) commits(store Store, s state, p *power) (on bool) {
	for int(l.fresh) < l.search.Copies {
		l.fresh++
		next, steps := state{s.index + 1, l.fresh}, 0
		p.cut = func() bool {
			steps++
			return l.path.pick(2) == 1
		}
		if err := store.Commit(next.encode()); err != nil {
			l.tell("index %d: power cut before step %d: %v", next.index, steps, err)
			l.left()
			return true
		}
		l.left()
		l.lastAt = l.at
		end := l.path.pick(3)
		if end == 0 {
			l.tell("index %d: power cut before the answer", next.index)
			return true
		}
		l.tell("index %d: answered", next.index)
		if l.answer(next); l.result.over() {
			return false
		}
		if end == 1 {
			return true
		}
		s = next
	}
	return false
}
