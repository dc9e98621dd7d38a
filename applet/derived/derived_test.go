package derived_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/derived"
)

func TestFill(t *testing.T) {
	const page = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n"
	for name, tt := range map[string]struct {
		page, want string
		err        error
	}{
		"no marks":    {"a\n", "", derived.ErrMark},
		"another one": {"<!-- generated: y -->\n<!-- end -->\n", "", derived.ErrMark},
		"no end":      {"<!-- generated: x -->\n", "", derived.ErrMark},
		"marks":       {page, "a\n<!-- generated: x -->\nnew\n<!-- end -->\nb\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := derived.Fill(tt.page, "x", "new\n")
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestWriteMakesFilesFresh(t *testing.T) {
	root := t.TempDir()
	files := map[string]string{"there": "1", "other": "2", "folder/missing": "3"}
	for name, text := range map[string]string{"there": "1", "other": "0"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stale, err := derived.Stale(root, files)
	if diff := cmp.Diff([]string{"folder/missing", "other"}, stale); diff != "" || err != nil {
		t.Errorf("%v\n(-want +got):\n%s", err, diff)
	}
	if err := derived.Write(root, files); err != nil {
		t.Fatal(err)
	}
	if stale, err = derived.Stale(root, files); len(stale) > 0 || err != nil {
		t.Errorf("still stale: %q, %v", stale, err)
	}
}
