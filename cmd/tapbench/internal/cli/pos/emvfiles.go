package pos

import (
	"bytes"
	"fmt"

	"tapbench/applet/emv/oda"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal/parameters"
)

// maxCAKeys bounds a file of keys, as package oda does.
const maxCAKeys = 4 << 20

// maxParameters bounds a file of parameters, as package parameters does.
const maxParameters = 1 << 20

// ReadCAKeys reads a file of CA keys of EMV cards, if one is named.
func ReadCAKeys(path string) (oda.CAKeys, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := shell.ReadBounded(path, maxCAKeys)
	if err != nil {
		return nil, err
	}
	keys, err := oda.ReadCAKeys(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

// ReadParameters reads an EMV terminal's parameters, or returns the built-in ones if no file is
// named.
func ReadParameters(path string) (parameters.Parameters, error) {
	p := parameters.Default()
	if path == "" {
		return p, nil
	}
	raw, err := shell.ReadBounded(path, maxParameters)
	if err != nil {
		return p, err
	}
	if p, err = parameters.Parse(raw); err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}
