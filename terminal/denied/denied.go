package denied

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tapbench/applet/message"
	"tapbench/applet/statefile"
	"tapbench/backend/api"
	"tapbench/backend/denylist"
)

// maxFile bounds what is read of a file that may be anything: the largest list has 8 MiB.
const maxFile = 9 << 20

// Caller is the TSM: *client.Client is one.
type Caller interface {
	// Post calls a path with a request and decodes the answer into answer.
	Post(ctx context.Context, path string, request, answer any) error
}

// File is a deny list in a file. It belongs to one goroutine.
type File struct {
	path string
	held *denylist.Held
}

// Open reads a list that was kept. A file that can't be used, such as one that is damaged, is left
// as it is and counts as none: the next [File.Sync] replaces it. It returns [message.ErrKey] for a
// key that is none.
func Open(path string, tsm message.PartyID, key message.PublicKey) (*File, error) {
	held, err := denylist.NewHeld(tsm, key, denylist.DefaultMaxAge)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, held: held}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, fmt.Errorf("opening the deny list: %w", err)
	case info.Size() > maxFile:
		return f, nil
	}
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("opening the deny list: %w", err)
	}
	_ = held.Update(raw) // a list that isn't the TSM's isn't taken
	return f, nil
}

// Held returns the list.
func (f *File) Held() *denylist.Held { return f.held }

// Sync asks the TSM for the newest list and keeps it. After an error the list is as it was.
func (f *File) Sync(ctx context.Context, tsm Caller) error {
	var answer api.DenyListResponse
	err := tsm.Post(ctx, api.PathDenyList, api.DenyListRequest{Have: f.held.Serial()}, &answer)
	if err != nil {
		return fmt.Errorf("asking for the deny list: %w", err)
	}
	if len(answer.List) == 0 {
		return nil
	}
	if err := f.held.Update(answer.List); err != nil {
		return fmt.Errorf("taking the deny list: %w", err)
	}
	if err := statefile.Replace(f.path, f.held.List().Encode()); err != nil {
		return fmt.Errorf("keeping the deny list: %w", err)
	}
	return nil
}
