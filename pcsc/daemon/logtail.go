package daemon

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/rs/zerolog"
)

const (
	// keptLines is how many of pcscd's last lines an error quotes.
	keptLines = 5
	// maxLine is where a line of pcscd's log is cut, in bytes.
	maxLine = 4096
)

// logTail passes pcscd's lines on and keeps the last ones.
type logTail struct {
	mu    sync.Mutex
	lines []string
}

// follow reads lines until the end of r.
func (t *logTail) follow(r io.Reader, log zerolog.Logger) {
	lines := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := lines.ReadSlice('\n')
		if text := strings.TrimSpace(string(line)); text != "" {
			log.Debug().Str("program", "pcscd").Msg(text)
			t.keep(text)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func (t *logTail) keep(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
	if len(t.lines) > keptLines {
		t.lines = t.lines[1:]
	}
}

// last returns the kept lines as one.
func (t *logTail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, " / ")
}
