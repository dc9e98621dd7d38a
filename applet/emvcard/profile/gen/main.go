package main

import (
	"fmt"
	"os"
	"path/filepath"

	"tapbench/applet/derived"
	"tapbench/applet/emvcard/profile"
)

// Where the derived files lie, from the repository's root.
const (
	schemaFile = "docs/profile.schema.json"
	pageFile   = "docs/profiles.md"
)

func main() {
	if err := run(filepath.Join("..", "..", "..")); err != nil { // go generate runs in profile
		_, _ = fmt.Fprintf(os.Stderr, "gen: %v\n", err)
		os.Exit(1)
	}
}

// run writes the derived files.
func run(root string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	return derived.Write(root, files)
}

// generate returns the derived files by name.
func generate(root string) (map[string]string, error) {
	comments, err := readComments(filepath.Join(root, "applet", "emvcard", "profile"))
	if err != nil {
		return nil, err
	}
	shape := profile.ShapeOf()
	schema, err := schemaText(shape, comments)
	if err != nil {
		return nil, err
	}
	page, err := os.ReadFile(filepath.Join(root, pageFile))
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	filled, err := fillTables(string(page), shape, comments)
	if err != nil {
		return nil, err
	}
	return map[string]string{schemaFile: schema, pageFile: filled}, nil
}
