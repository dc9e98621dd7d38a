package daemon_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// process is a running process: its number and when it started, which no successor shares.
type process struct {
	pid   int
	birth string
}

// descendants returns the names of all processes that descend from pid, by process.
func descendants(t *testing.T, pid int) map[process]string {
	t.Helper()
	type entry struct {
		process
		parent int
		name   string
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var all []entry
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// "pid (name) state ppid …": the name may hold anything (proc_pid_stat(5)).
		open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
		if open < 0 || end < open {
			continue
		}
		fields := strings.Fields(string(text[end+1:]))
		self, _ := strconv.Atoi(strings.TrimSpace(string(text[:open])))
		parent, _ := strconv.Atoi(fields[1])
		all = append(all, entry{process{self, fields[19]}, parent, string(text[open+1 : end])})
	}
	found := make(map[process]string)
	family := map[int]bool{pid: true}
	for grown := true; grown; {
		grown = false
		for _, e := range all {
			if family[e.parent] && !family[e.pid] {
				family[e.pid], grown = true, true
				found[e.process] = e.name
			}
		}
	}
	return found
}

// named returns the process with that name.
func named(t *testing.T, processes map[process]string, name string) process {
	t.Helper()
	for p, n := range processes {
		if n == name {
			return p
		}
	}
	t.Fatalf("no process %q among %v", name, processes)
	return process{}
}

// lives reports whether the process exists. A zombie has ended.
func (p process) lives() bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.pid) + "/stat")
	if err != nil {
		return false
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	return fields[19] == p.birth && fields[0] != "Z"
}

// eventually asks until the answer is yes, for at most a minute.
func eventually(t *testing.T, what string, answer func() bool) {
	t.Helper()
	ask := time.NewTicker(5 * time.Millisecond)
	defer ask.Stop()
	limit := time.After(time.Minute)
	for !answer() {
		select {
		case <-ask.C:
		case <-limit:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// mounts returns this process's mount table.
func mounts(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkEmpty fails the test if the folder holds anything.
func checkEmpty(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("left behind: %s", filepath.Join(folder, e.Name()))
	}
}

// checkNothingLeft fails the test if a start or a stop left a process, a mount or a file.
func checkNothingLeft(t *testing.T, folder, mountsBefore string) {
	t.Helper()
	for p, name := range descendants(t, os.Getpid()) {
		t.Errorf("left behind: process %d %s", p.pid, name)
	}
	if after := mounts(t); after != mountsBefore {
		t.Errorf("left behind: a mount\nbefore:\n%safter:\n%s", mountsBefore, after)
	}
	checkEmpty(t, folder)
}
