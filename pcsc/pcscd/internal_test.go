//go:build cgo

package pcscd

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/ebfe/scard"
	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
)

// inserted is a reader's state with that many insertions and removals, and a card if it is odd.
func inserted(name string, changes uint32) Reader {
	return Reader{Name: name, Present: changes%2 == 1, state: changes << 16}
}

func TestChanged(t *testing.T) {
	tests := []struct {
		name          string
		before, after []Reader
		want          []string
	}{
		{"nothing there", nil, nil, nil},
		{"nothing changes", []Reader{inserted("a", 1)}, []Reader{inserted("a", 1)}, nil},
		{"an empty reader comes", nil, []Reader{inserted("a", 0)}, []string{"a reader added"}},
		{
			"a reader comes with a card", nil,
			[]Reader{inserted("a", 1)},
			[]string{"a reader added", "a card inserted"},
		},
		{"an empty reader goes", []Reader{inserted("a", 2)}, nil, []string{"a reader removed"}},
		{
			"a reader goes with its card",
			[]Reader{inserted("a", 1)},
			nil,
			[]string{"a card removed", "a reader removed"},
		},
		{
			"a card comes",
			[]Reader{inserted("a", 0)},
			[]Reader{inserted("a", 1)},
			[]string{"a card inserted"},
		},
		{
			"a card goes",
			[]Reader{inserted("a", 1)},
			[]Reader{inserted("a", 2)},
			[]string{"a card removed"},
		},
		{
			"a card is lifted and laid back unseen",
			[]Reader{inserted("a", 1)},
			[]Reader{inserted("a", 3)},
			[]string{"a card removed", "a card inserted"},
		},
		{
			"a card comes and goes unseen",
			[]Reader{inserted("a", 0)},
			[]Reader{inserted("a", 2)},
			nil,
		},
		{
			"one reader takes another's place",
			[]Reader{inserted("a", 1), inserted("b", 0)},
			[]Reader{inserted("b", 0), inserted("c", 1)},
			[]string{"a card removed", "a reader removed", "c reader added", "c card inserted"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, e := range changed(test.before, test.after) {
				got = append(got, e.Reader.Name+" "+e.Kind.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestMeaning(t *testing.T) {
	tests := []struct {
		code scard.Error
		want error
	}{
		{scard.ErrInvalidHandle, pcsc.ErrNoService},
		{scard.ErrInsufficientBuffer, pcsc.ErrBadAnswer},
		{scard.ErrUnknownReader, pcsc.ErrNoReader},
		{scard.ErrSharingViolation, pcsc.ErrSharing},
		{scard.ErrNoSmartcard, pcsc.ErrNoCard},
		{scard.ErrProtoMismatch, pcsc.ErrNotSupported},
		{scard.ErrCommError, pcsc.ErrComm},
		{scard.ErrNotTransacted, pcsc.ErrComm},
		{scard.ErrReaderUnavailable, pcsc.ErrNoReader},
		{scard.ErrShutdown, pcsc.ErrNoService},
		{scard.ErrReaderUnsupported, pcsc.ErrNotSupported},
		{scard.ErrCardUnsupported, pcsc.ErrNotSupported},
		{scard.ErrNoService, pcsc.ErrNoService},
		{scard.ErrServiceStopped, pcsc.ErrNoService},
		{scard.ErrUnsupportedFeature, pcsc.ErrNotSupported},
		{scard.ErrNoAccess, pcsc.ErrNotSupported},
		{scard.ErrNoReadersAvailable, pcsc.ErrNoReader},
		{scard.ErrUnsupportedCard, pcsc.ErrNotSupported},
		{scard.ErrUnresponsiveCard, pcsc.ErrComm},
		{scard.ErrUnpoweredCard, pcsc.ErrComm},
		{scard.ErrResetCard, pcsc.ErrCardReset},
		{scard.ErrRemovedCard, pcsc.ErrCardRemoved},
		{scard.ErrSecurityViolation, pcsc.ErrNotSupported},
	}
	for _, test := range tests {
		err := meaning(test.code)
		var code scard.Error
		if !errors.Is(err, test.want) || errors.As(err, &code) {
			t.Errorf("%08X: got %v, want %v that hides the code's type", uint32(test.code), err,
				test.want)
		}
	}
	for _, code := range []scard.Error{scard.ErrCommError, scard.ErrSecurityViolation} {
		if err := serviceMeaning(code); !errors.Is(err, pcsc.ErrNoService) {
			t.Errorf("%08X of the service: got %v, want %v", uint32(code), err, pcsc.ErrNoService)
		}
	}
	ours := errors.New("ours")
	if err := meaning(ours); !errors.Is(err, ours) {
		t.Errorf("an error of ours: got %v, want it unchanged", err)
	}
}

func TestSettle(t *testing.T) {
	t.Setenv(socketVariable, "/from/the/environment")
	tests := []struct {
		name   string
		opened []string
		want   string // what the process talks to
		err    error  // of the last
	}{
		{"another service", []string{"/a", "/b"}, "/a", pcsc.ErrNotSupported},
		{
			"another than the environment's",
			[]string{"", "/b"},
			"/from/the/environment",
			pcsc.ErrNotSupported,
		},
		{
			"the environment's",
			[]string{"", "/from/the/environment", ""},
			"/from/the/environment",
			nil,
		},
		{"one service, named and unnamed", []string{"/a", "", "/a"}, "/a", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(socketVariable, "/from/the/environment")
			var p processState
			var err error
			for _, socket := range test.opened {
				err = p.settle(socket)
			}
			if !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			if p.socket != test.want || os.Getenv(socketVariable) != test.want {
				t.Errorf("talks to %q, environment %q, want %q",
					p.socket, os.Getenv(socketVariable), test.want)
			}
		})
	}
	t.Setenv(socketVariable, "")
	var p processState
	if err := p.settle(""); err != nil || p.socket != defaultSocket {
		t.Errorf("got %q, %v, want %q", p.socket, err, defaultSocket)
	}
}

func TestWaitNumbersAreReused(t *testing.T) {
	var p processState
	zero, freeZero := p.waitNumber()
	one, freeOne := p.waitNumber()
	freeZero()
	again, freeAgain := p.waitNumber()
	if zero != 0 || one != 1 || again != 0 {
		t.Errorf("got %d, %d and %d, want 0, 1 and 0", zero, one, again)
	}
	freeOne()
	freeAgain()
	var waits sync.WaitGroup
	for range 4 {
		waits.Go(func() {
			for range 100 {
				number, free := p.waitNumber()
				if name := waitName("r", number); !strings.HasPrefix(name, "r\x00") {
					t.Errorf("got %q, want the name, a NUL and a number", name)
				}
				runtime.Gosched()
				free()
			}
		})
	}
	waits.Wait()
	if len(p.waiting) > 4 {
		t.Errorf("%d numbers for 4 waits at once", len(p.waiting))
	}
}

func TestAwaitNothing(t *testing.T) {
	if err := await(nil, nil, 0); !errors.Is(err, scard.ErrTimeout) {
		t.Errorf("got %v, want %v", err, scard.ErrTimeout)
	}
}
