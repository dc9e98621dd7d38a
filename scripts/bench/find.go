package main

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// benchmark is a benchmark function.
type benchmark struct {
	dir      string // the package's folder, from the module's root
	function string // without the leading "Benchmark"
}

// String returns the benchmark's name.
func (b benchmark) String() string { return b.dir + "/" + b.function }

var benchmarkFunction = regexp.MustCompile(`(?m)^func Benchmark(\w+)\(`)

// find returns every benchmark of a module.
func find(root fs.FS) ([]benchmark, error) {
	var all []benchmark
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		for _, match := range benchmarkFunction.FindAllSubmatch(text, -1) {
			all = append(all, benchmark{dir: path.Dir(name), function: string(match[1])})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for benchmarks: %w", err)
	}
	return all, nil
}
