package bench

import (
	"io"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// terminal is the terminal that a command reads from, and whose foreground is this process's.
type terminal struct{ file *os.File }

// foreground returns the terminal behind a command's standard input, if this process has its
// foreground to give. All methods of the nil that it returns otherwise do nothing.
func foreground(in io.Reader) *terminal {
	file, ok := in.(*os.File)
	if !ok {
		return nil
	}
	if group, err := unix.IoctlGetInt(int(file.Fd()), unix.TIOCGPGRP); err != nil ||
		group != unix.Getpgrp() {
		return nil
	}
	return &terminal{file}
}

// give puts a process group into the foreground.
func (t *terminal) give(group int) {
	// Who isn't in the foreground itself is stopped for trying, unless SIGTTOU is blocked.
	defer block(syscall.SIGTTOU)()
	// A terminal that was hung up has no foreground any more.
	_ = unix.IoctlSetPointerInt(int(t.file.Fd()), unix.TIOCSPGRP, group)
}

// block keeps a signal from this goroutine, and the goroutine on its thread, until the function
// that it returns is called.
func block(s syscall.Signal) (unblock func()) {
	runtime.LockOSThread()
	var set, before unix.Sigset_t
	const bits = 64
	set.Val[0] = 1 << (uint(s-1) % bits) // signals 1 to 64 fit the first word
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, &set, &before)
	return func() {
		_ = unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
		runtime.UnlockOSThread()
	}
}

// take puts this process into the foreground.
func (t *terminal) take() {
	if t != nil {
		t.give(unix.Getpgrp())
	}
}

// stop stops this process group as Ctrl-Z does, because the terminal has stopped the command. When
// a shell lets us go on, so does the command, in the foreground if we were put there.
func (t *terminal) stop(group int) {
	if t == nil {
		return
	}
	t.take()
	// One signal is for us and acted upon before the call that unblocks it returns, the other one
	// for who else is in our group, such as the rest of a pipeline. Both are gone when we go on. A
	// group that no shell looks after isn't stopped by them.
	unblock := block(syscall.SIGTSTP)
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), syscall.SIGTSTP)
	_ = syscall.Kill(0, syscall.SIGTSTP)
	unblock()
	if now, err := unix.IoctlGetInt(int(t.file.Fd()), unix.TIOCGPGRP); err == nil &&
		now == unix.Getpgrp() {
		t.give(group)
	}
	_ = syscall.Kill(-group, syscall.SIGCONT)
}
