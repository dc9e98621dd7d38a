package main

import (
	"fmt"
	"os"
	"path/filepath"

	"tapbench/applet/derived"
)

// Where the derived files lie, from the repository's root.
const (
	javaFile     = "applet/javacard/src/main/java/tapbench/Wire.java"
	protocolFile = "applet/PROTOCOL.md"
	modelsFile   = "testdata/models/wire.pvl"
)

func main() {
	if err := run(filepath.Join("..", "..")); err != nil { // go generate runs in applet/wire
		_, _ = fmt.Fprintf(os.Stderr, "gen: %v\n", err)
		os.Exit(1)
	}
}

// run writes every derived file that isn't fresh.
func run(root string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	return derived.Write(root, files)
}

// generate returns the derived files by name.
func generate(root string) (map[string]string, error) {
	groups, err := readConstants(filepath.Join(root, "applet", "wire"))
	if err != nil {
		return nil, err
	}
	old, err := os.ReadFile(filepath.Join(root, protocolFile))
	if err != nil {
		return nil, fmt.Errorf("reading the specification: %w", err)
	}
	protocol, err := fillTables(string(old), groups)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		javaFile: java(groups), protocolFile: protocol, modelsFile: proverif(groups),
	}, nil
}
