package complainttest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Of runs a helper, then what it has left for the end of its test, and returns what it complained
// of, joined by bars. What stops the test stops the helper.
func Of(t *testing.T, helper func(testing.TB)) string {
	t.Helper()
	l := &listener{TB: t}
	func() {
		defer func() {
			switch stop := recover(); stop {
			case nil, errStopped:
			default:
				panic(stop)
			}
		}()
		helper(l)
	}()
	for _, f := range l.cleanups {
		f()
	}
	return strings.Join(l.said, "|")
}

// listener is a testing.TB that keeps what a helper complains of.
type listener struct {
	testing.TB
	said     []string
	cleanups []func()
}

var errStopped = errors.New("stopped")

func (l *listener) Helper()           {}
func (l *listener) Cleanup(f func())  { l.cleanups = append([]func(){f}, l.cleanups...) }
func (l *listener) Error(args ...any) { l.said = append(l.said, fmt.Sprint(args...)) }
func (l *listener) Fatal(args ...any) { l.Error(args...); panic(errStopped) }

func (l *listener) Errorf(format string, args ...any) { l.Error(fmt.Sprintf(format, args...)) }
func (l *listener) Fatalf(format string, args ...any) { l.Fatal(fmt.Sprintf(format, args...)) }
