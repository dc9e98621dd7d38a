package received

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// What stands in the place of a path where a message has none.
const (
	AtISO8583 = "iso8583" // a message to or from a terminal
	AtCard    = "card"    // a card's answer
)

// maxLine is the longest line that is read, in bytes: the longest body of a server, in base64.
const maxLine = 4 << 20

// ErrFormat means that a line of a record isn't one.
var ErrFormat = errors.New("malformed record of received messages")

// Message is one message.
type Message struct {
	At   string `json:"at"` // the path, or what stands in its place
	Data []byte `json:"data"`
}

// Recorder writes a record. Its methods may be used by several goroutines; those of a nil one do
// nothing.
type Recorder struct {
	mu   sync.Mutex
	file *os.File
	err  error
}

// Create opens a record, behind whose end messages are added.
func Create(path string) (*Recorder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("recording what is received: %w", err)
	}
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("recording what is received: %w", err)
	}
	return &Recorder{file: file}, nil
}

// Add adds a message. An error is kept for [Recorder.Close].
func (r *Recorder) Add(at string, data []byte) {
	if r == nil {
		return
	}
	line, err := json.Marshal(Message{at, data})
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		_, err = r.file.Write(append(line, '\n'))
	}
	r.err = errors.Join(r.err, err)
}

// Close closes the record, and says whether all messages are in it.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := errors.Join(r.err, r.file.Close()); err != nil {
		return fmt.Errorf("recording what is received: %w", err)
	}
	return nil
}

// Read calls visit for each message of a record. A line that isn't a message is [ErrFormat]; a last
// line that a killed process has cut off is left out.
func Read(r io.Reader, visit func(Message) error) error {
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := readLine(lines)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		var m Message
		if json.Unmarshal(line, &m) != nil || m.At == "" {
			return fmt.Errorf("line %d: %w: not {\"at\":…,\"data\":…}", n, ErrFormat)
		}
		if err := visit(m); err != nil {
			return err
		}
	}
}

// readLine reads a whole line, or io.EOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrFormat, maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
