package claims_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tapbench/terminal/claims"
)

func folder(t testing.TB, path string) *claims.Folder {
	t.Helper()
	f, err := claims.OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// recordLen is what a claim of 300 bytes takes.
const recordLen = 392

// bare appends so many bytes to a file and syncs it.
func bare(b *testing.B) {
	file, err := os.Create(filepath.Join(b.TempDir(), "bare"))
	if err != nil {
		b.Fatal(err)
	}
	raw := make([]byte, recordLen)
	for b.Loop() {
		if _, err := file.Write(raw); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	_ = file.Close()
}

// BenchmarkOfflineClaims compares one goroutine's appends with bare synced ones.
func BenchmarkOfflineClaims(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		j := open(b, folder(b, filepath.Join(b.TempDir(), "claims")))
		raw := payload(0)
		n := uint32(0)
		for b.Loop() {
			n++
			k := claims.Key{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
			if _, err := j.Append(k, raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", bare)
}

// BenchmarkOfflineClaimsTogether has sixteen goroutines append, which share writes.
func BenchmarkOfflineClaimsTogether(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		j := open(b, folder(b, filepath.Join(b.TempDir(), "claims")))
		raw := payload(0)
		work := make(chan uint32)
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				for n := range work {
					k := claims.Key{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
					if _, err := j.Append(k, raw); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for n := uint32(0); b.Loop(); n++ {
			work <- n
		}
		close(work)
		group.Wait()
	})
	b.Run("baseline", bare)
}
