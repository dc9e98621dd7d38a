package report_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// visit is what a headless browser made of a page.
type visit struct {
	dom     string
	console []string // what was written to the console, the browser's own complaints among it
	log     string   // the browser's network log
}

// browse opens a page, at a fragment if that isn't empty. The browser has a profile of its own and
// no name resolves for it.
func browse(t *testing.T, page []byte, fragment string) visit {
	t.Helper()
	program := browser(t)
	dir := t.TempDir()
	file, netlog := filepath.Join(dir, "page.html"), filepath.Join(dir, "net.json")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--headless", "--disable-gpu", "--no-sandbox",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--no-first-run", "--disable-extensions",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--log-net-log="+netlog,
		"--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom",
		"file://"+file+fragment)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("running %s: %v\n%s", program, err, stderr.String())
	}
	log, err := os.ReadFile(netlog)
	if err != nil {
		t.Fatal(err)
	}
	v := visit{dom: stdout.String(), log: string(log)}
	for line := range strings.Lines(stderr.String()) {
		if _, text, found := strings.Cut(line, ":CONSOLE"); found {
			v.console = append(v.console, strings.TrimSpace(text))
		}
	}
	return v
}

// browser returns a Chromium, or skips the test where there is none.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("TAPBENCH_REQUIRE") == "all" {
		t.Fatal("chromium is missing: run make setup")
	}
	t.Skip("light path: chromium is missing")
	return ""
}
