package testdata

import "embed"

// Vectors are the files under vectors, by their path from here, such as "vectors/pcsc/chain.apdu".
//
//go:embed all:vectors
var Vectors embed.FS
